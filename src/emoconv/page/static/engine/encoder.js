/** Texts to ids: a tokeniser, a vocabulary and a length limit in one object. */

import { Scan } from "./scan.js";
import { tokenizePlain, tokenizeRich } from "./tokenizer.js";

/** @typedef {import("./words.js").Token} Token */

/** Turns texts into ids. */
export class Encoder {
  #vocabulary;
  #rich;
  #maxTokens;
  #scan;

  /**
   * @param {import("./characters.js").Characters} characters
   * @param {import("./vocabulary.js").Vocabulary} vocabulary
   * @param {object} settings
   * @param {"rich" | "plain"} settings.tokenizer Plain leaves out words that the vocabulary lacks;
   *   rich puts a stand-in there.
   * @param {number | null} settings.max_tokens Keep the first tokens only; null for all.
   */
  constructor(characters, vocabulary, settings) {
    this.#vocabulary = vocabulary;
    this.#rich = settings.tokenizer === "rich";
    this.#maxTokens = settings.max_tokens ?? Infinity;
    this.#scan = new Scan(characters);
  }

  /**
   * Return the ids of a text and, in step with them, its tokens with their spans.
   *
   * @param {Int32Array} points The text's code points.
   * @returns {{ids: Int32Array, tokens: Token[]}} T of both; each id is in [1, V).
   */
  encode(points) {
    const vocabulary = this.#vocabulary;
    this.#scan.load(points);
    let tokens = this.#rich ? tokenizeRich(this.#scan) : tokenizePlain(this.#scan);
    if (!this.#rich) tokens = tokens.filter((token) => vocabulary.has(token.text));
    if (tokens.length > this.#maxTokens) tokens = tokens.slice(0, this.#maxTokens);
    return { ids: Int32Array.from(tokens, (token) => vocabulary.idOf(token.text)), tokens };
  }
}
