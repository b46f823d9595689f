/**
 * Many texts, part by part: what holds in each, and a CSV of it.
 *
 * Knows how the API is asked and nothing of pages.
 */

import { partEnd, tooLong } from "./chunks.js";
import { csvLine } from "./csv.js";
import { wellFormed } from "./offsets.js";
import { breath, isBusy, patiently } from "./patience.js";

/** Rows that are written between two looks at whether the user wants something. */
const ROWS_AT_ONCE = 2000;

const SCALE = 1e4; // probabilities have four digits

/** What was found in N texts. */
export class Scored {
  /**
   * @param {string[]} names Of the labels, or groups.
   * @param {number} count N.
   */
  constructor(names, count) {
    this.names = names;
    this.labels = new Array(count).fill(null); // names of those that hold; null: not answered
    this.top = new Array(count).fill(null); // null where unsure, too
    this.confidence = new Float64Array(count);
    this.probabilities = new Uint16Array(count * names.length); // in 1/10,000
    this.tooLong = []; // numbers of the texts that the server does not take
  }

  /**
   * Put an answer in its place.
   *
   * @param {number} place
   * @param {object} result One of the API's, with probabilities.
   */
  put(place, result) {
    const found = this.names.map((name) => result.probabilities[name]);
    this.labels[place] = result.labels.map((one) => one.label);
    this.top[place] = result.sure ? this.names[found.indexOf(Math.max(...found))] : null;
    this.confidence[place] = result.confidence;
    const first = place * this.names.length;
    found.forEach((value, label) => {
      this.probabilities[first + label] = Math.round(value * SCALE);
    });
  }

  /**
   * Return in how many texts each label holds, most first, and in how many none does.
   *
   * @returns {{counts: {name: string, count: number}[], none: number, answered: number}}
   */
  summary() {
    const counts = new Map(this.names.map((name) => [name, 0]));
    let [none, answered] = [0, 0];
    for (const held of this.labels) {
      if (held === null) continue;
      answered += 1;
      if (held.length === 0) none += 1;
      for (const name of held) counts.set(name, counts.get(name) + 1);
    }
    const sorted = [...counts].map(([name, count]) => ({ name, count }));
    sorted.sort((a, b) => b.count - a.count);
    return { counts: sorted, none, answered };
  }

  /**
   * Return the new fields of a row, as `emoconv score` writes them but for the confidence, which
   * has four decimals here.
   *
   * @param {number} place
   * @param {{probabilities: boolean}} options
   * @returns {string[]}
   */
  fields(place, { probabilities }) {
    const held = this.labels[place];
    const width = this.names.length;
    if (held === null) return new Array(probabilities ? 3 + width : 3).fill("");
    const fields = [held.join(","), this.top[place] ?? "", this.confidence[place].toFixed(4)];
    if (!probabilities) return fields;
    const row = this.probabilities.subarray(place * width, (place + 1) * width);
    for (const value of row) fields.push((value / SCALE).toFixed(4));
    return fields;
  }
}

/**
 * Look for emotions in many texts.
 *
 * A part that is too much for the server is asked in halves from then on.
 *
 * @param {(request: object, signal: AbortSignal) => Promise<object>} detect
 * @param {string[]} texts
 * @param {object} options
 * @param {string[]} options.names Of the labels or groups.
 * @param {string | null} options.grouping
 * @param {object} options.limits Those of /v1/model.
 * @param {AbortSignal} options.signal
 * @param {(done: number) => void} options.onProgress
 * @param {(seconds: number) => void} options.onWait While the server is busy.
 * @returns {Promise<Scored>}
 */
export async function scoreTexts(
  detect,
  texts,
  { names, grouping, limits, signal, onProgress, onWait },
) {
  const scored = new Scored(names, texts.length);
  const places = [];
  const sent = [];
  for (let place = 0; place < texts.length; place += 1) {
    const text = wellFormed(texts[place]);
    if (tooLong(text, limits) !== null) scored.tooLong.push(place);
    else {
      places.push(place);
      sent.push(text);
    }
    if (place % ROWS_AT_ONCE === 0) await breath(signal);
  }
  let most = Infinity;
  for (let start = 0; start < sent.length; ) {
    signal.throwIfAborted();
    const ask = async () => {
      const part = sent.slice(start, partEnd(sent, start, limits, most));
      try {
        return await detect({ texts: part, grouping, probabilities: true }, signal);
      } catch (error) {
        const isTooMuch = error.status === 413 || (isBusy(error) && error.slug === "too-slow");
        if (isTooMuch && part.length > 1) {
          most = Math.ceil(part.length / 2);
          return ask();
        }
        throw error;
      }
    };
    const { results } = await patiently(ask, { signal, onWait });
    results.forEach((result, number) => scored.put(places[start + number], result));
    start += results.length;
    onProgress(start + scored.tooLong.length);
  }
  return scored;
}

/**
 * Write a table with what was found in its texts behind its own columns.
 *
 * @param {object} table As `readTable` returns it.
 * @param {Scored} scored
 * @param {{added: string[], probabilities: boolean}} options
 * @returns {Promise<Blob>}
 */
export async function scoredCsv(table, scored, { added, probabilities }) {
  const { separator } = table;
  // Each piece is a blob of its own: to join strings of a large file takes the page a second.
  const pieces = [table.marked ? "\ufeff" : "", csvLine([...table.header, ...added], separator)];
  for (let start = 0; start < table.rows.length; start += ROWS_AT_ONCE) {
    const lines = table.rows
      .slice(start, start + ROWS_AT_ONCE)
      .map((row, number) =>
        csvLine([...row, ...scored.fields(start + number, { probabilities })], separator),
      );
    pieces.push(new Blob([lines.join("")]));
    await breath();
  }
  return new Blob(pieces, { type: "text/csv;charset=utf-8" });
}
