/**
 * CSV and TSV as `emoconv score` reads and writes them: RFC 4180, every value a string.
 *
 * A value may be quoted, and a quoted one may hold quotes (twice each), separators and line ends.
 * In TSV nothing is quoted. A line ends with LF, CR LF or CR. Knows strings and nothing of files.
 */

/** What is wrong with a file, and in which of its rows, where the header is 1. */
export class TableError extends Error {
  /**
   * @param {string} reason
   * @param {number | null} row
   */
  constructor(reason, row = null) {
    super(row === null ? reason : `row ${row}: ${reason}`);
    this.name = "TableError";
    this.row = row;
  }
}

const [BEGIN, PLAIN, QUOTED, CLOSING] = [0, 1, 2, 3];
const [LF, CR, QUOTE] = [10, 13, 34];

/** Reads a file piece by piece. */
export class RowParser {
  #state = BEGIN; // of a value; CLOSING: behind a quote that ends it or is half of one
  #value = "";
  #row = [];
  #wasReturn = false; // whether the last piece ended with CR, to which an LF may belong
  #opened = 0;

  /**
   * @param {{separator: string, quotes: boolean}} form No separator makes a line a value.
   */
  constructor({ separator, quotes }) {
    this.separator = separator.charCodeAt(0);
    this.quotes = quotes;
    this.ended = 0; // rows so far, empty ones too
  }

  /**
   * Read a piece of the file.
   *
   * @param {string} text
   * @returns {{number: number, values: string[]}[]} The rows that end in it. An empty line is a
   *   row of one empty value.
   */
  push(text) {
    const rows = [];
    let from = 0; // where the part of the value that is in this piece begins
    let unit = 0;
    if (this.#wasReturn && text.charCodeAt(0) === LF) from = unit = 1;
    if (text !== "") this.#wasReturn = false;
    const take = (end) => {
      this.#row.push(this.#value + text.slice(from, end));
      this.#value = "";
      this.#state = BEGIN;
    };
    for (; unit < text.length; unit += 1) {
      const code = text.charCodeAt(unit);
      if (this.#state === QUOTED) {
        if (code !== QUOTE) continue;
        this.#value += text.slice(from, unit);
        from = unit + 1;
        this.#state = CLOSING;
      } else if (code === QUOTE && this.#state === CLOSING) {
        from = unit; // two quotes are one: it begins what follows
        this.#state = QUOTED;
      } else if (code === this.separator) {
        take(unit);
        from = unit + 1;
      } else if (code === LF || code === CR) {
        take(unit);
        this.#finish(rows);
        if (code === CR && unit + 1 === text.length) this.#wasReturn = true;
        if (code === CR && text.charCodeAt(unit + 1) === LF) unit += 1;
        from = unit + 1;
      } else if (code === QUOTE && this.#state === BEGIN && this.quotes) {
        this.#opened = this.ended + 1;
        from = unit + 1;
        this.#state = QUOTED;
      } else {
        this.#state = PLAIN;
      }
    }
    this.#value += text.slice(from);
    return rows;
  }

  /**
   * Say that there is no more.
   *
   * @returns {{number: number, values: string[]}[]} The last row, if no line end closed it.
   * @throws {TableError} A quote was never closed.
   */
  end() {
    if (this.#state === QUOTED) {
      throw new TableError("a quote that opens in this row is never closed", this.#opened);
    }
    const rows = [];
    if (this.#state === BEGIN && this.#row.length === 0) return rows;
    this.#row.push(this.#value);
    this.#finish(rows);
    return rows;
  }

  #finish(rows) {
    this.ended += 1;
    rows.push({ number: this.ended, values: this.#row });
    this.#row = [];
  }
}

/**
 * Return a value as a field, in quotes where it needs them.
 *
 * @param {string} value
 * @param {string} separator
 * @returns {string}
 */
export function csvField(value, separator) {
  if (!value.includes(separator) && !/["\r\n]/.test(value)) return value;
  return `"${value.replaceAll('"', '""')}"`;
}

/**
 * Return a row as a line, with its end.
 *
 * @param {string[]} values
 * @param {string} separator
 * @returns {string}
 */
export function csvLine(values, separator) {
  return `${values.map((value) => csvField(value, separator)).join(separator)}\n`;
}

/**
 * Return the separator that stands most often in the first line, outside quotes: a comma, a
 * semicolon or a tab.
 *
 * @param {string} text The beginning of a file.
 * @returns {string}
 */
export function guessSeparator(text) {
  const counts = new Map([[",", 0], [";", 0], ["\t", 0]]);
  let quoted = false;
  let started = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    if ((character === "\n" || character === "\r") && !quoted && started) break;
    if (character !== "\n" && character !== "\r") started = true;
    if (!quoted && counts.has(character)) counts.set(character, counts.get(character) + 1);
  }
  const best = Math.max(...counts.values());
  return [...counts.keys()].find((separator) => counts.get(separator) === best);
}
