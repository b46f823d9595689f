/**
 * The rules of the rich tokeniser but for *word*: where each matches.
 *
 * A rule is a function of its name in `docs/reference/tokenizer.md`: from a place of a scanned text
 * to the place where its token ends, or 0. It is tried only at characters that have its bit.
 */

import {
  CAPITAL, DIGIT, LETTER, MARK, MODIFIER, NAME, PICTURE, TAG, URL_END, VISIBLE, WORD, ruleBit,
} from "./characters.js";

/** @typedef {import("./scan.js").Scan} Scan */

/** No match: no token ends where the space before the text is. */
export const NO = 0;

const FLAG = ruleBit("flag");
const MOOD = ruleBit("mood");
const code = (character) => character.codePointAt(0);
const codes = (text) => Array.from(text, code);
const [AT, SLASH, BACKSLASH, BAR, STAR, DASH, CARET, UNDERSCORE] = codes("@/\\|*-^_");
const [COLON, SEMICOLON, EQUALS, LESS, THREE, ZERO, DOT, COMMA] = codes(":;=<30.,");
const [ROUND, ROUND_END, SQUARE_END, MACRON, TSU, APOSTROPHE] = codes("()]¯ツ'");
const [A, Z, O, R, S, U] = codes("AZorsu");
const [JOINER, KEYCAP, EMOJI_STYLE] = codes("\u200d\u20e3\ufe0f");
const BRACKETS = codes("()[]{}");
const MOUTHS = codes("dpox3s");
const HTTP = codes("http");
const AFTER_HTTP = codes("://");
const WWW = codes("www.");

/** Return the place after a run of one folded character, which may be empty. */
function run({ folded }, at, character) {
  while (folded[at] === character) at++;
  return at;
}

/** Return the place after these lower-case letters or signs, in either case, or `NO`. */
function reads({ folded }, at, letters) {
  for (let i = 0; i < letters.length; i++) {
    if ((folded[at + i] | 0x20) !== letters[i]) return NO;
  }
  return at + letters.length;
}

/** Return the place after `http://`, `https://` or `www.`, or `NO`. */
function address(text, at) {
  let here = reads(text, at, HTTP);
  if (here === NO) return reads(text, at, WWW);
  if ((text.folded[here] | 0x20) === S) here++;
  return reads(text, here, AFTER_HTTP);
}

/** Rule 1: the beginning of an address, and what may belong to it. */
function url(text, at) {
  const { kind } = text;
  let here = address(text, at);
  let end = NO;
  if (here === NO) return NO;
  while (kind[here] & VISIBLE && !(kind[here] & PICTURE)) {
    if (kind[here++] & (WORD | URL_END)) end = here;
  }
  return end;
}

/** Return the place after a run of `[A-Za-z0-9_]`, with dashes or without. */
function name({ folded, kind }, at, dashes) {
  while (kind[at] & NAME || (dashes && folded[at] === DASH)) at++;
  return at;
}

/** Return the place after `/?u/` or `/?r/` and a whole name, or `NO`. */
function slashed(text, at, letter, dashes) {
  const { folded, kind } = text;
  if (folded[at] === SLASH) at++;
  if (folded[at] !== letter || folded[at + 1] !== SLASH) return NO;
  const end = name(text, at + 2, dashes);
  return end === at + 2 || kind[end] & WORD ? NO : end;
}

/** Rule 2: `@name`, `u/name` or `/u/name`. */
function user(text, at) {
  if (text.folded[at] !== AT) return slashed(text, at, U, true);
  const end = name(text, at + 1, false);
  return end === at + 1 ? NO : end;
}

/** Rule 3: `r/name` or `/r/name`. */
function subreddit(text, at) {
  return slashed(text, at, R, false);
}

/** Rule 4: 1 to 20 capitals in square brackets. */
function placeholder({ folded }, at) {
  let end = at + 1;
  while (end <= at + 20 && A <= folded[end] && folded[end] <= Z) end++;
  return end > at + 1 && folded[end] === SQUARE_END ? end + 1 : NO;
}

/** Rule 5: arms, a face in brackets, arms. */
function shrug(text, at) {
  const { folded } = text;
  let here = run(text, run(text, at + 1, BACKSLASH), UNDERSCORE);
  for (const character of [ROUND, TSU, ROUND_END]) {
    if (folded[here++] !== character) return NO;
  }
  here = run(text, run(text, here, UNDERSCORE), SLASH);
  return folded[here] === MACRON ? here + 1 : NO;
}

/** Rule 6: `<3`, whole or broken, of any number of 3. */
function heart(text, at) {
  const threes = text.folded[at + 1] === SLASH ? at + 2 : at + 1;
  const end = run(text, threes, THREE);
  return end === threes || text.kind[end] & DIGIT ? NO : end;
}

/** Return the place after `-`, `^` or nothing. */
function afterNose({ folded }, at) {
  return folded[at] === DASH || folded[at] === CARET ? at + 1 : at;
}

/** Return the end of eyes and a mouth of brackets, or `NO`: the first form of *sideways*. */
function brackets(text, at) {
  const { folded } = text;
  const mouth = afterNose(text, folded[at + 1] === APOSTROPHE ? at + 2 : at + 1);
  let end = mouth;
  while (BRACKETS.includes(folded[end])) end++;
  return end === mouth ? NO : end;
}

/** Return the end of eyes and a mouth of strokes, or `NO`: the second form of *sideways*. */
function strokes({ folded }, at) {
  if (folded[at] !== COLON) return NO;
  if (folded[at + 1] === SLASH && folded[at + 2] === SLASH) return NO;
  const mouth = folded[at + 1] === DASH ? at + 2 : at + 1;
  let end = mouth;
  while ([SLASH, BACKSLASH, BAR, STAR].includes(folded[end])) end++;
  return end === mouth ? NO : end;
}

/** Return the end of eyes and a letter for a mouth, or `NO`: the third form of *sideways*. */
function letterMouth(text, at) {
  const { folded, kind } = text;
  if (folded[at] === EQUALS) return NO;
  const mouth = afterNose(text, at + 1);
  return MOUTHS.includes(folded[mouth] | 0x20) && !(kind[mouth + 1] & WORD) ? mouth + 1 : NO;
}

/** Rule 7: eyes, then a mouth. */
function sideways(text, at) {
  return brackets(text, at) || strokes(text, at) || letterMouth(text, at);
}

/** Rule 8: a mouth, then eyes, with nothing visible before or after. */
function mirrored(text, at) {
  const { folded, kind } = text;
  if (kind[at - 1] & VISIBLE) return NO;
  const eyes = afterNose(text, run(text, at, folded[at]));
  if (![COLON, SEMICOLON, EQUALS].includes(folded[eyes])) return NO;
  return kind[eyes + 1] & VISIBLE ? NO : eyes + 1;
}

/** Return one code point for all characters that can be eyes of the same *face*. */
function eye({ folded, lowered, kind }, at) {
  const character = kind[at] & CAPITAL ? lowered[at] : folded[at];
  if (character === ZERO) return O;
  return character === LESS + 2 ? LESS : character;
}

/** Rule 9: two eyes and a long mouth between them. */
function face(text, at) {
  const { folded, kind } = text;
  const second = run(text, at + 1, UNDERSCORE);
  if (second === at + 1 && folded[at] !== CARET) return NO;
  if (eye(text, at) !== eye(text, second)) return NO;
  return kind[at] & WORD && kind[second + 1] & WORD ? NO : second + 1;
}

/** Rule 10: two regional indicators. */
function flag({ kind }, at) {
  return kind[at + 1] & FLAG ? at + 2 : NO;
}

/** Rule 11: a digit or sign in a key. */
function keycap({ folded }, at) {
  const key = folded[at + 1] === EMOJI_STYLE ? at + 2 : at + 1;
  return folded[key] === KEYCAP ? key + 1 : NO;
}

/** Rule 12: elements, joined. */
function emoji({ folded, kind }, at) {
  for (;;) {
    at++;
    while (kind[at] & MODIFIER) at++;
    while (kind[at] & TAG) at++;
    if (folded[at] !== JOINER || !(kind[at + 1] & PICTURE)) return at;
    at++;
  }
}

/** Return the place after a *part* of a number, or `NO`. */
function digits({ kind }, at) {
  let end = at;
  while (kind[end] & DIGIT) end++;
  return end === at || kind[end] & (LETTER | MARK) ? NO : end;
}

/** Rule 13: parts, with one sign between two. */
function number(text, at) {
  let end = NO;
  let here = digits(text, at);
  while (here !== NO) {
    end = here;
    const joins = [DOT, COMMA, COLON, SLASH].includes(text.folded[end]);
    here = joins ? digits(text, end + 1) : NO;
  }
  return end;
}

/** Rule 15: a run of `!` and `?`. */
function mood({ kind }, at) {
  while (kind[at] & MOOD) at++;
  return at;
}

/** Rule 16: two dots or more, or a run of the sign for three. */
function ellipsis(text, at) {
  const end = run(text, at, text.folded[at]);
  return text.folded[at] === DOT && end === at + 1 ? NO : end;
}

/** Rule 17: a symbol and the same again. */
function symbol(text, at) {
  return run(text, at, text.folded[at]);
}

/**
 * The rules by their names, each from a text and a place to where its token ends, or `NO`.
 *
 * @type {Object<string, (text: Scan, at: number) => number>}
 */
export const RULES = {
  ...{ url, user, subreddit, placeholder, shrug, heart, sideways, mirrored },
  ...{ face, flag, keycap, emoji, number, mood, ellipsis, symbol },
};
