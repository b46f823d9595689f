/**
 * The tokenisers: a text to its tokens, as `docs/reference/tokenizer.md` specifies.
 *
 * One pass over the code points, in time in proportion to their number.
 */

import { ANY_RULE, DIGIT, FIRST_RULE, LETTER, RULE_NAMES, SEPARATOR } from "./characters.js";
import { textOf } from "./codepoints.js";
import { NO, RULES } from "./rules.js";
import { TOKENS } from "./tokens.js";
import { CAPS, addWord, findWord } from "./words.js";

/** @typedef {import("./scan.js").Scan} Scan */
/** @typedef {import("./words.js").Token} Token */

const MATCH = RULE_NAMES.map((name) => RULES[name]);
const WRITE = RULE_NAMES.map((name) => TOKENS[name]);

/** Add the token of the first rule but *word* that matches; return its end, or `NO`. */
function addFirst(text, at, tokens) {
  for (let bits = text.kind[at] & ANY_RULE; bits; bits &= bits - 1) {
    const rule = 31 - Math.clz32(bits & -bits) - FIRST_RULE; // the lowest bit: rules in their order
    const end = MATCH[rule](text, at);
    if (end !== NO) {
      tokens.push({ text: WRITE[rule](text, at, end), start: at - 1, end: end - 1 });
      return end;
    }
  }
  return NO;
}

/**
 * Split a text, keeping what carries feeling.
 *
 * @param {Scan} text
 * @returns {Token[]} In order; none for a text with nothing to read.
 */
export function tokenizeRich(text) {
  const tokens = [];
  let shouting = false;
  for (let at = 1; at < text.end; ) {
    const end = addFirst(text, at, tokens);
    if (end !== NO) {
      at = end;
    } else if (text.kind[at] & (LETTER | DIGIT)) {
      const word = findWord(text, at);
      const loud = word.capitals > 1 && word.capitals === word.letters;
      if (loud && !shouting) tokens.push({ text: CAPS, start: at - 1, end: word.end - 1 });
      shouting = loud || (shouting && word.capitals === word.letters);
      addWord(text, at, word, tokens);
      at = word.end;
    } else {
      at++;
    }
  }
  return tokens;
}

/**
 * Split a text as the Keras tokeniser of 2020 did: lower case, no punctuation.
 *
 * @param {Scan} text
 * @returns {Token[]} In order.
 */
export function tokenizePlain(text) {
  const tokens = [];
  for (let at = 1; at < text.end; at++) {
    const start = at;
    while (!(text.kind[at] & SEPARATOR)) at++;
    if (at > start) {
      tokens.push({ text: textOf(text.lowered, start, at), start: start - 1, end: at - 1 });
    }
  }
  return tokens;
}
