/** The vocabulary: tokens to ids, and what stands in for a token that it lacks. */

import { DIGIT, PICTURE, ruleBit } from "./characters.js";
import { codePoints, textOf } from "./codepoints.js";
import { BundleError } from "./errors.js";
import { SUBREDDIT, URL, USER } from "./tokens.js";
import { CAPS, LONG } from "./words.js";

const UNKNOWN = "<unk>";
const NUMBER = "<number>";
const EMOJI = "<emoji>";

/** The first tokens of every vocabulary, in this order; "<pad>" is no token. */
export const SPECIALS = ["<pad>", UNKNOWN, NUMBER, EMOJI, URL, USER, SUBREDDIT, CAPS, LONG];

const FLAG = ruleBit("flag");
const JOINS = Array.from(".,:/", (sign) => sign.codePointAt(0));

/** Return the points with all runs of three or more of the same cut to so many. */
function cutRuns(points, keep) {
  const kept = [];
  for (let start = 0, end; start < points.length; start = end) {
    end = start + 1;
    while (end < points.length && points[end] === points[start]) end++;
    const count = end - start > 2 ? keep : end - start;
    for (let i = 0; i < count; i++) kept.push(points[start]);
  }
  return kept;
}

/** Tokens to ids. */
export class Vocabulary {
  #characters;
  #ids;

  /**
   * @param {string[]} tokens `SPECIALS` first, then the words.
   * @param {import("./characters.js").Characters} characters
   * @throws {BundleError} The specials are not in their places, or a token is given twice.
   */
  constructor(tokens, characters) {
    this.#characters = characters;
    this.#ids = new Map(tokens.map((token, id) => [token, id]));
    if (SPECIALS.some((special, id) => tokens[id] !== special)) {
      throw new BundleError(`vocabulary.json: does not start with ${SPECIALS.join(", ")}`);
    }
    if (this.#ids.size !== tokens.length) {
      const twice = tokens.find((token, id) => this.#ids.get(token) !== id);
      throw new BundleError(`vocabulary.json: token ${JSON.stringify(twice)} is there twice`);
    }
  }

  /** @param {string} token @returns {boolean} Whether it is one of the V. */
  has(token) {
    return this.#ids.has(token);
  }

  /**
   * Return a token's id, or that of the best stand-in.
   *
   * @param {string} token
   * @returns {number} In [0, V).
   */
  idOf(token) {
    const known = this.#ids.get(token);
    return known ?? this.#ids.get(this.#standIns(token).find((other) => this.has(other)));
  }

  /** Return, best first, what may stand in for a token that the vocabulary lacks. */
  #standIns(token) {
    const points = codePoints(token);
    const kind = (point) => this.#characters.kind(point);
    const isNumber = (point, i) => kind(point) & DIGIT || (i > 0 && JOINS.includes(point));
    if (points.every(isNumber)) return [NUMBER, UNKNOWN];
    if (kind(points[0]) & (PICTURE | FLAG)) return [textOf(points, 0, 1), EMOJI, UNKNOWN];
    const shorter = [2, 1].map((keep) => cutRuns(points, keep));
    return [...shorter.map((cut) => textOf(cut, 0, cut.length)), UNKNOWN];
  }
}
