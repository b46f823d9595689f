/** The explanation of a text for people: phrases of it and what each gives. */

import { Attributor } from "./attribution.js";
import { cutter } from "./codepoints.js";
import { round } from "./rounding.js";
import { CAPS, LONG } from "./words.js";

/** Of numbers in an answer: the shares of a text still sum to its logit within 0.0001. */
const DIGITS = 6;

/**
 * Return the words that a person sees in a text's tokens: the marker of capitals is one with the
 * token after it, that of length with the one before.
 *
 * @param {import("./words.js").Token[]} tokens T of them.
 * @returns {{numbers: number[], starts: number[], ends: number[]}} The word that each token belongs
 *   to, W of them from 0 on; the offset at which each word starts; the offset after each.
 */
function findWords(tokens) {
  const [numbers, starts, ends] = [[], [], []];
  let joined = false; // with the token before
  for (const { text, start, end } of tokens) {
    if (joined) {
      starts[starts.length - 1] = start;
      ends[ends.length - 1] = end;
    } else if (text !== LONG) {
      starts.push(start);
      ends.push(end);
    }
    numbers.push(starts.length - 1);
    joined = text === CAPS;
  }
  return { numbers, starts, ends };
}

/** Return what each word has of the phrases it is in: (W,) for each label. */
function wordShares({ first, last, shares }, words, label) {
  const steps = new Float64Array(words + 1);
  const parts = shares.map((share, i) => share[label] / (last[i] - first[i] + 1));
  parts.forEach((part, i) => (steps[first[i]] += part));
  parts.forEach((part, i) => (steps[last[i] + 1] -= part));
  let sum = 0;
  return steps.map((step) => (sum += step)).subarray(0, words);
}

/** Explains texts. */
export class Explainer {
  #labels;
  #cuts;
  #encoder;
  #attributor;

  /**
   * @param {import("./bundle.js").Bundle} bundle
   * @param {import("./encoder.js").Encoder} encoder
   * @param {import("./peaks.js").PeakFinder} finder
   * @param {import("./layers.js").Layers} layers
   */
  constructor(bundle, encoder, finder, layers) {
    this.#labels = bundle.labels;
    this.#cuts = bundle.cuts;
    this.#encoder = encoder;
    this.#attributor = new Attributor(bundle, finder, layers);
  }

  /**
   * Explain labels of a text.
   *
   * @param {string} text Of any length.
   * @param {Int32Array} points Its code points.
   * @param {object} wanted
   * @param {string[] | null} wanted.labels Which, in the model's order; null for those that hold,
   *   the strongest first, or else the most probable one.
   * @param {number} wanted.top Phrases in each, the strongest.
   * @returns {object[]} As the API gives them.
   */
  explain(text, points, { labels, top }) {
    const { ids, tokens } = this.#encoder.encode(points);
    const words = findWords(tokens);
    const parts = this.#attributor.attribute(ids, words.numbers);
    const cut = cutter(text, points);
    const span = (start, end, share) => ({
      start,
      end,
      text: cut(start, end),
      share: round(share, DIGITS),
    });
    const chosen = labels?.map((name) => this.#labels.indexOf(name)) ?? this.#holding(parts);
    return chosen.map((label) => this.#one(label, parts, words, top, span));
  }

  #holds({ probabilities }, label) {
    return probabilities[label] >= this.#cuts[label];
  }

  /** Return the labels that hold, strongest first, or the most probable one. */
  #holding(parts) {
    const { probabilities } = parts;
    const ranked = [...this.#labels.keys()].sort((a, b) => probabilities[b] - probabilities[a]);
    const held = ranked.filter((label) => this.#holds(parts, label));
    return held.length ? held : ranked.slice(0, 1);
  }

  #one(label, parts, { starts, ends }, top, span) {
    const share = (i) => parts.shares[i][label];
    const order = [...parts.shares.keys()].sort((a, b) => Math.abs(share(b)) - Math.abs(share(a)));
    const others = order.slice(top).reduce((sum, i) => sum + share(i), 0);
    const given = wordShares(parts, starts.length, label);
    return {
      label: this.#labels[label],
      probability: round(parts.probabilities[label], DIGITS),
      holds: this.#holds(parts, label),
      logit: round(parts.logits[label], DIGITS),
      bias: round(parts.bias[label], DIGITS),
      exact: this.#attributor.exact,
      phrases: order
        .slice(0, top)
        .map((i) => span(starts[parts.first[i]], ends[parts.last[i]], share(i))),
      others: round(others, DIGITS),
      words: starts.map((start, i) => span(start, ends[i], given[i])),
    };
  }
}
