/**
 * Files to tables: CSV, TSV and plain lines, read piece by piece.
 *
 * Knows files as browsers have them, and nothing of pages.
 */

import { RowParser, TableError, guessSeparator } from "./csv.js";
import { counted, megabytes, plural } from "./numbers.js";
import { breath } from "./patience.js";

/** Bytes of the largest file that is read: all of it is in memory, several times over. */
export const MOST_BYTES = 200e6;

/** Bytes that are read between two looks at whether the user wants something. */
const BYTES_AT_ONCE = 1e6;

const ELSEWHERE = "for files of any size there is the command emoconv score";

const NOT_READ = {
  "504b0304": "is packed, as .xlsx and .zip files are; save the table as CSV UTF-8",
  "1f8b0800": "is packed by gzip; unpack it first",
  d0cf11e0: "is a file of old Excel; save the table as CSV UTF-8",
  "50415231": "is Parquet, which the command emoconv score reads; here it has to be CSV",
  fffe: "is UTF-16; save the table as CSV UTF-8",
  feff: "is UTF-16; save the table as CSV UTF-8",
};

/**
 * @typedef {object} Table
 * @property {string} name Of the file.
 * @property {string[]} header
 * @property {string[][]} rows All as long as the header.
 * @property {number[]} numbers Of the rows in the file, where its first is 1.
 * @property {string} separator Of the file that is written from it.
 * @property {boolean} marked Whether the file began with a byte order mark.
 */

/**
 * Read a file.
 *
 * @param {File} file
 * @returns {Promise<Table>}
 * @throws {TableError} It is not as it should be.
 */
export async function readTable(file) {
  if (file.size > MOST_BYTES) {
    const most = `${counted(MOST_BYTES / 1e6)} MB`;
    throw new TableError(
      `the file has ${megabytes(file.size)}, this page reads up to ${most}; ${ELSEWHERE}`,
    );
  }
  const start = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  const magic = [...start].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  for (const [bytes, reason] of Object.entries(NOT_READ)) {
    if (magic.startsWith(bytes)) throw new TableError(`the file ${reason}`);
  }
  const kind = kindOf(file.name);
  const collector = kind === "lines" ? new Lines() : new Cells(kind === "tsv" ? "\t" : null);
  let unseen = 0;
  for await (const { text, bytes } of decoded(file)) {
    collector.push(text);
    unseen += bytes;
    if (unseen < BYTES_AT_ONCE) continue;
    unseen = 0;
    await breath();
  }
  const marked = magic.startsWith("efbbbf");
  return { name: file.name, marked, ...collector.end() };
}

/**
 * Return which line of a file is the first that is not UTF-8, and its byte that is wrong.
 *
 * @param {Uint8Array} bytes
 * @returns {{line: number, byte: number} | null}
 */
export function brokenLine(bytes) {
  let from = 0;
  for (let line = 1; from < bytes.length; line += 1) {
    const found = bytes.indexOf(10, from);
    const end = found < 0 ? bytes.length : found + 1;
    const piece = bytes.subarray(from, end);
    if (!isUtf8(piece)) return { line, byte: piece[firstBroken(piece)] };
    from = end;
  }
  return null;
}

/** Yield the text of a file in pieces. */
async function* decoded(file) {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const reader = file.stream().getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      const text = done ? decoder.decode() : decoder.decode(value, { stream: true });
      if (text.includes("\0")) {
        throw new TableError("the file holds zero bytes: it is no text; choose CSV, TSV or lines");
      }
      yield { text, bytes: done ? 0 : value.length };
      if (done) return;
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const broken = brokenLine(new Uint8Array(await file.arrayBuffer()));
    if (broken === null) throw new TableError("the file cannot be read; choose it again");
    const byte = `0x${broken.byte.toString(16).padStart(2, "0")}`;
    throw new TableError(
      `line ${counted(broken.line)} is not UTF-8 (byte ${byte}); save the file as CSV UTF-8`,
    );
  }
}

/** Plain lines, a text each. */
class Lines {
  #parser = new RowParser({ separator: "", quotes: false });
  #rows = [];

  push(text) {
    for (const { values } of this.#parser.push(text)) this.#rows.push(values);
  }

  end() {
    for (const { values } of this.#parser.end()) this.#rows.push(values);
    if (this.#rows.length === 0) throw new TableError("the file is empty; expected a text a line");
    const numbers = this.#rows.map((_, place) => place + 1);
    return { header: ["text"], rows: this.#rows, numbers, separator: "," };
  }
}

/** Rows behind a header. */
class Cells {
  #parser = null;
  #header = null;
  #rows = [];
  #numbers = [];
  #waiting = "";

  /** @param {string | null} separator Null where it has to be guessed. */
  constructor(separator) {
    this.separator = separator;
    this.quotes = separator === null;
  }

  push(text) {
    this.#waiting += text;
    // A guess needs the first line; a header of more than a piece is guessed from what there is.
    if (this.#parser !== null || this.#waiting.trim() !== "") this.#read();
  }

  end() {
    this.#read();
    this.#take(this.#parser.end());
    if (this.#header === null) throw new TableError("the file is empty; expected a header");
    if (this.#rows.length === 0) throw new TableError("there is no row behind the header");
    const separator = this.separator === ";" ? ";" : ",";
    return { header: this.#header, rows: this.#rows, numbers: this.#numbers, separator };
  }

  #read() {
    if (this.#parser === null) {
      this.separator ??= guessSeparator(this.#waiting);
      this.#parser = new RowParser({ separator: this.separator, quotes: this.quotes });
    }
    this.#take(this.#parser.push(this.#waiting));
    this.#waiting = "";
  }

  #take(rows) {
    for (const { number, values } of rows) {
      const empty = values.length === 1 && values[0] === "";
      if (this.#header === null) {
        if (!empty) this.#header = checkedHeader(values, number);
      } else if (values.length === this.#header.length) {
        this.#rows.push(values);
        this.#numbers.push(number);
      } else if (!empty) {
        const expected = counted(this.#header.length);
        throw new TableError(
          `${plural(values.length, "field")}, the header has ${expected}; is a quote missing?`,
          number,
        );
      }
    }
  }
}

function checkedHeader(names, row) {
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice === undefined) return names;
  throw new TableError(
    twice === "" ? "several columns have no name; name them" : `column “${twice}” is there twice`,
    row,
  );
}

function kindOf(name) {
  const ending = name.toLowerCase().split(".").pop();
  if (ending === "tsv" || ending === "tab") return "tsv";
  return ending === "txt" ? "lines" : "csv";
}

function isUtf8(bytes, options) {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, options);
    return true;
  } catch {
    return false;
  }
}

/** Return the place of the byte from which on a line that is not UTF-8 is none. */
function firstBroken(bytes) {
  let [good, bad] = [0, bytes.length + 1]; // so many bytes may begin a text, so many may not
  while (good + 1 < bad) {
    const middle = (good + bad) >> 1;
    if (isUtf8(bytes.subarray(0, middle), { stream: true })) good = middle;
    else bad = middle;
  }
  while (!isUtf8(bytes.subarray(0, good))) good -= 1; // back to where the last character begins
  return good;
}
