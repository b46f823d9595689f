/** Rule 14 of the rich tokeniser: words, their clitics, capitals and lengthened letters. */

import { CAPITAL, LETTER, WORD } from "./characters.js";
import { textOf } from "./codepoints.js";

/** @typedef {import("./scan.js").Scan} Scan */

/**
 * @typedef {object} Token
 * @property {string} text The normalised token; never empty.
 * @property {number} start Offset of its first character in the text, in code points.
 * @property {number} end Offset after its last. A marker has the span of the word it marks.
 */

/** Marker before the first of a run of words in capitals. */
export const CAPS = "<caps>";
/** Marker after a lengthened word, as in "sooo". */
export const LONG = "<long>";

const APOSTROPHE = 0x27;
const [D, E, L, M, N, R, S, T, V] = Array.from("delmnrstv", (letter) => letter.codePointAt(0));

/**
 * @typedef {object} Word
 * @property {number} end The place after it.
 * @property {number} letters How many letters it has.
 * @property {number} capitals How many of them are capitals.
 * @property {boolean} plain Whether it has neither an apostrophe nor three of a kind in a row.
 */

/**
 * Find the end of a word. Each apostrophe in it becomes one in the lower-case text.
 *
 * @param {Scan} text
 * @param {number} at Where the word begins.
 * @returns {Word}
 */
export function findWord({ folded, lowered, kind }, at) {
  let letters = 0;
  let capitals = 0;
  let run = 0;
  let before = 0;
  let plain = true;
  for (; ; at++) {
    if (!(kind[at] & WORD)) {
      if (folded[at] !== APOSTROPHE || !(kind[at + 1] & WORD)) break;
      lowered[at] = APOSTROPHE;
      plain = false;
    }
    if (kind[at] & LETTER) letters++;
    if (kind[at] & CAPITAL) capitals++;
    run = lowered[at] === before ? run + 1 : 1;
    if (run > 2) plain = false;
    before = lowered[at];
  }
  return { end: at, letters, capitals, plain };
}

/** Return the length of the clitic that a word's rest ends in, or 0. */
function clitic({ lowered }, start, end) {
  const last = lowered[end - 1];
  const middle = lowered[end - 2];
  if (end - 2 > start && middle === APOSTROPHE) {
    if (last === T && lowered[end - 3] === N && end - 3 > start) return 3;
    return last === S || last === M || last === D ? 2 : 0;
  }
  if (end - 3 > start && lowered[end - 3] === APOSTROPHE) {
    if (last === E && (middle === R || middle === V)) return 3;
    if (last === L && middle === L) return 3;
  }
  return 0;
}

/** Return the places where a word's parts begin, and its end: `should|n't|'ve|`. */
function parts(text, start, end) {
  const cuts = [end]; // from the last to the first
  for (let length = clitic(text, start, end); length > 0; length = clitic(text, start, end)) {
    end -= length;
    cuts.push(end);
  }
  return [...cuts, start].reverse();
}

/** Return a part with three of each run of letters, and whether it had such a run. */
function squeezed({ lowered, kind }, at, end) {
  const kept = new Int32Array(end - at);
  let count = 0;
  let run = 0;
  let long = false;
  for (let i = at; i < end; i++) {
    run = i > at && lowered[i] === lowered[i - 1] ? run + 1 : 1;
    if (run > 2 && kind[i] & LETTER) {
      long = true;
      if (run > 3) continue;
    }
    kept[count++] = lowered[i];
  }
  return { part: textOf(kept, 0, count), long };
}

/**
 * Add the tokens of a word but for the marker of capitals.
 *
 * @param {Scan} text Place 1 is the text's first character.
 * @param {number} at Where the word begins.
 * @param {Word} word
 * @param {Token[]} tokens
 */
export function addWord(text, at, word, tokens) {
  if (word.plain) {
    tokens.push({ text: textOf(text.lowered, at, word.end), start: at - 1, end: word.end - 1 });
    return;
  }
  const cuts = parts(text, at, word.end);
  for (let i = 0; i + 1 < cuts.length; i++) {
    const { part, long } = squeezed(text, cuts[i], cuts[i + 1]);
    const [start, end] = [cuts[i] - 1, cuts[i + 1] - 1];
    tokens.push({ text: part, start, end });
    if (long) tokens.push({ text: LONG, start, end });
  }
}
