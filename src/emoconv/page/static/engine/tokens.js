/** What the rules of the rich tokeniser make of what they matched: the token's text. */

import { MODIFIER } from "./characters.js";
import { textOf } from "./codepoints.js";

/** @typedef {import("./scan.js").Scan} Scan */

export const URL = "<url>";
export const USER = "<user>";
export const SUBREDDIT = "<subreddit>";

/** The mouths that stand for several. */
const MOUTHS = { "[": "(", "{": "(", "]": ")", "}": ")", "\\": "/" };

const character = (code) => String.fromCodePoint(code);

/** Return the eyes of an emoticon. */
const eyes = (code) => (character(code) === ";" ? ";" : ":");

/** Return the eyes, a tear and one mouth: `=-))` is `:)`. */
function sideways({ folded, lowered }, at, end) {
  const tear = character(folded[at + 1]) === "'" ? "'" : "";
  const mouth = character(lowered[end - 1]);
  return eyes(folded[at]) + tear + (MOUTHS[mouth] ?? mouth);
}

/** Return the emoticon turned round: `(-:` is `:)`. */
function mirrored({ folded }, at, end) {
  return eyes(folded[end - 1]) + ("([".includes(character(folded[at])) ? ")" : "(");
}

/** Return the eyes with one underscore between them. */
function face({ lowered }, at, end) {
  return `${character(lowered[at])}_${character(lowered[end - 1])}`;
}

/** Return the emoji without its variation selectors and skin tones. */
function emoji({ raw, kind }, at, end) {
  const kept = raw.subarray(at, end).filter((_, i) => !(kind[at + i] & MODIFIER));
  return textOf(kept, 0, kept.length);
}

/** Return `!`, `!!`, `!!!`, the same of `?`, or `?!` for a mixture. */
function mood({ folded }, at, end) {
  for (let i = at + 1; i < end; i++) if (folded[i] !== folded[at]) return "?!";
  return character(folded[at]).repeat(Math.min(3, end - at));
}

/** Return what was written. */
const asWritten = ({ raw }, at, end) => textOf(raw, at, end);

/**
 * The text of a token by the name of its rule, from a scanned text and the token's place in it.
 *
 * @type {Object<string, (text: Scan, at: number, end: number) => string>}
 */
export const TOKENS = {
  url: () => URL,
  user: () => USER,
  subreddit: () => SUBREDDIT,
  placeholder: ({ lowered }, at, end) => textOf(lowered, at, end),
  shrug: () => "¯\\_(ツ)_/¯",
  heart: ({ folded }, at) => (character(folded[at + 1]) === "/" ? "</3" : "<3"),
  sideways,
  mirrored,
  face,
  flag: asWritten,
  keycap: ({ folded }, at) => `${character(folded[at])}\u20e3`,
  emoji,
  number: asWritten,
  mood,
  ellipsis: () => "...",
  symbol: ({ folded }, at) => character(folded[at]),
};
