/**
 * Where the sentences of a text are: the rule of `emoconv.text.sentences`.
 *
 * A sentence ends at the end of a line, and behind a word that ends in a full stop or the like,
 * unless what stands there says otherwise. Takes time in proportion to the text's length.
 */

import { DIGIT, LETTER } from "./characters.js";
import { textOf } from "./codepoints.js";
import { lower, numerals, upper } from "./letters.js";

const codes = (text) => Array.from(text, (character) => character.codePointAt(0));
const setOf = (text) => new Set(codes(text));

const LINE_ENDS = setOf("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029");
const SPACES = setOf(
  "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007" +
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000",
);
/** Full stops of scripts without spaces: they end a sentence wherever they stand. */
const WIDE = setOf("。！？｡");
const STOPS = setOf(".!?…‽。！？｡");
const DOTS = setOf(".…");
/** What follows a wide full stop and begins the next sentence. */
const OPENERS = setOf("「『（《〈【“‘");
const CLOSERS = setOf("\"'”’»)]}」』）");
/** What stands before a word. */
const LEADS = setOf("\"'“‘«([{*_");
/** Signs that begin something and follow nothing. */
const BEGINNERS = setOf("\"'“‘«„¿¡([{<*#@>•·–—/&+~=|-");
const EMOTICON = /^(?:[:;=]['’-]?[DPpOo3]+|[xX]D+|<\/?3+)$/;

/** Abbreviations that end no sentence: something follows them. */
const BEFORE_A_NAME = new Set(
  (
    "adm approx capt cf cmdr col dr e.g eg esp fig gen gov hon i.e ie lt maj messrs mr mrs ms mt " +
    "mx prof rep rev sen sgt st viz vs"
  ).split(" "),
);
/** Abbreviations that end one where a capital follows. */
const MAYBE_LAST = new Set(
  (
    "a.k.a a.m al apr ave aug blvd co corp dec dept est etc feb inc jan jr jul jun ltd mar nov " +
    "oct p.m p.s ph.d sept sr tel u.k u.s univ vol"
  ).split(" "),
);
const BEFORE_A_NUMBER = new Set("no nos nr p pp pg ch sec art".split(" "));

const DOT = 0x2e;
const UNDERSCORE = 0x5f;
const CAPITAL_I = 0x49;
const DOTTED_CAPITAL_I = 0x130;
const DOT_ABOVE = 0x307;

/** @typedef {[number, number]} Span First and after the last, in code points. */

/** Finds sentences. */
export class SentenceFinder {
  #characters;

  /** @param {import("./characters.js").Characters} characters */
  constructor(characters) {
    this.#characters = characters;
  }

  /**
   * Return the spans of a text's sentences, in order.
   *
   * @param {Int32Array} points The text's code points.
   * @returns {Span[]} They do not overlap; none is empty or begins or ends with white space.
   */
  find(points) {
    const spans = [];
    for (let first = 0, end; first < points.length; first = end + 1) {
      end = first;
      while (end < points.length && !LINE_ENDS.has(points[end])) end++;
      this.#findInLine(points, first, end, spans);
    }
    return spans;
  }

  #findInLine(points, first, last, spans) {
    const chunks = this.#chunks(points, first, last);
    let start = first;
    let isOver = false;
    let begins = true;
    chunks.forEach(([chunkStart, end], i) => {
      if (begins) [start, isOver] = [chunkStart, false];
      const chunk = points.subarray(chunkStart, end);
      const following = i + 1 < chunks.length ? points.subarray(...chunks[i + 1]) : null;
      const isSymbol = !begins && this.#isSymbols(chunk);
      isOver = (isOver && isSymbol) || this.#ends(chunk, following, begins);
      begins = following === null || (isOver && !this.#isSymbols(following));
      if (begins) spans.push([start, end]);
    });
  }

  /** Return the spans of what stands between white space, and up to a full stop that needs none. */
  #chunks(points, first, last) {
    const chunks = [];
    for (let at = first, start; at < last; ) {
      start = at;
      while (at < last && !SPACES.has(points[at]) && !WIDE.has(points[at])) at++;
      if (at < last && WIDE.has(points[at])) {
        while (at < last && WIDE.has(points[at])) at++;
        while (at < last && this.#followsWide(points[at])) at++;
      }
      if (at > start) chunks.push([start, at]);
      else at++;
    }
    return chunks;
  }

  #followsWide(point) {
    if (SPACES.has(point) || WIDE.has(point) || OPENERS.has(point)) return false;
    return !this.#isWord(point);
  }

  #isAlnum(point) {
    return (this.#characters.kind(point) & (LETTER | DIGIT)) !== 0 || numerals.has(point);
  }

  #isWord(point) {
    return point === UNDERSCORE || this.#isAlnum(point);
  }

  #isDigit(point) {
    return (this.#characters.kind(point) & DIGIT) !== 0;
  }

  /** Tell whether a chunk is an emoji, emoticon or the like that begins nothing. */
  #isSymbols(chunk) {
    const isSign = !BEGINNERS.has(chunk[0]) && chunk.every((point) => !this.#isWord(point));
    return isSign || EMOTICON.test(textOf(chunk, 0, chunk.length));
  }

  /** Tell whether a chunk ends its sentence; `following` is the next on its line, or null. */
  #ends(chunk, following, begins) {
    if (!chunk.some((point) => STOPS.has(point))) return false;
    let end = chunk.length; // of its word
    while (end && !this.#isAlnum(chunk[end - 1])) end--;
    let stop = end;
    while (stop < chunk.length && !STOPS.has(chunk[stop])) stop++;
    let behind = stop;
    while (behind < chunk.length && STOPS.has(chunk[behind])) behind++;
    const stops = chunk.subarray(stop, behind);
    if (!stops.length) return false;
    const next = following?.[0];
    if (chunk.subarray(behind).some((point) => CLOSERS.has(point)) && lower.has(next)) return false;
    if (!stops.every((point) => DOTS.has(point))) return true;
    if (stops.length > 1 || stops[0] !== DOT) {
      const isI = next === CAPITAL_I && !(following.length > 1 && this.#isWord(following[1]));
      return upper.has(next) && !isI;
    }
    return !this.#isOpen(chunk.subarray(0, end), next, begins);
  }

  /** Tell whether the full stop behind a word is part of it. */
  #isOpen(word, next, begins) {
    const lowered = this.#lowered(word);
    let lead = 0;
    while (lead < lowered.length && LEADS.has(lowered[lead])) lead++;
    const points = lowered.slice(lead);
    const bare = textOf(points, 0, points.length);
    if (BEFORE_A_NAME.has(bare)) return true;
    if (BEFORE_A_NUMBER.has(bare) && next !== undefined && this.#isDigit(next)) return true;
    if (begins && word.length && word.every((point) => this.#isDigit(point))) return true;
    if (MAYBE_LAST.has(bare) || this.#isDotted(points)) return !upper.has(next);
    const last = word.at(-1);
    return points.length === 1 && upper.has(last) && last !== CAPITAL_I;
  }

  /** Return a word as `str.lower` gives it, but for the small sigma's two forms. */
  #lowered(word) {
    return Array.from(word).flatMap((point) =>
      point === DOTTED_CAPITAL_I ? [0x69, DOT_ABOVE] : [this.#characters.lowered(point)],
    );
  }

  /** Tell whether it is single characters of words with dots between them. */
  #isDotted(points) {
    return (
      points.length > 2 &&
      points.length % 2 === 1 &&
      points.every((point, i) => (i % 2 ? point === DOT : this.#isWord(point)))
    );
  }
}
