/** Where in a text each filter reaches its largest response. */

import { Answers, REMEMBERED_WORDS } from "./filters.js";

/** Tokens whose windows are looked at together, so that the rows of their words are at hand. */
const AT_ONCE = 1024;

/**
 * @typedef {object} Peaks
 * @property {Float32Array} largest (U,), each filter's largest response with its bias, or 0 if that
 *   is larger; 0 for a text without tokens.
 * @property {Int32Array} places (U,), the window of it: of equal ones the first. A window may hang
 *   over the text's edges; window p of width K holds the tokens from p - K + 1 to p.
 */

/** Finds peaks; the U filters are those of the first width, then of the next. */
export class PeakFinder {
  #answers;
  #widths;
  #gap;
  #filters;
  #bias;
  #sums;

  /**
   * @param {import("./bundle.js").Bundle} bundle
   * @param {number} [remembered] Words whose answers are remembered, but no fewer than are needed
   *   at the same time.
   */
  constructor(bundle, remembered = REMEMBERED_WORDS) {
    const { kernel_widths: widths, filters } = bundle.config.model;
    this.#widths = widths;
    this.#filters = filters;
    this.#bias = new Float32Array(filters * widths.length);
    widths.forEach((width, i) => {
      this.#bias.set(bundle.weights.get(`convolution.${width}.bias`), i * filters);
    });
    this.#gap = Math.max(...widths) - 1;
    this.#answers = new Answers(bundle, Math.max(remembered, AT_ONCE + this.#gap));
    this.#sums = new Float32Array(filters);
  }

  /**
   * Return the peaks of a text.
   *
   * @param {Int32Array} ids (T,), each in [1, V).
   * @returns {Peaks}
   */
  find(ids) {
    const units = this.#bias.length;
    const largest = new Float32Array(units);
    const places = new Int32Array(units);
    if (!ids.length) return { largest, places };
    largest.fill(-Infinity);
    const gap = this.#gap;
    for (let first = -gap; first < ids.length; first += AT_ONCE) {
      const last = Math.min(first + AT_ONCE, ids.length); // windows begin in [first, last)
      const words = new Int32Array(last - first + gap); // 0, padding, outside of the text
      words.set(ids.subarray(Math.max(first, 0), last + gap), Math.max(-first, 0));
      const starts = new Int32Array(words.length);
      this.#answers.starts(words, starts);
      this.#look(starts, first, largest, places);
    }
    for (let u = 0; u < units; u++) largest[u] = Math.max(0, largest[u] + this.#bias[u]);
    return { largest, places };
  }

  /**
   * Raise the peaks by the windows that begin at some places.
   *
   * @param {Int32Array} starts The rows of their words, and of as many more as the widest reaches.
   * @param {number} first The token, or place before the text, of the first of them.
   */
  #look(starts, first, largest, places) {
    let column = 0;
    this.#widths.forEach((width, i) => {
      for (let at = 0; at + this.#gap < starts.length; at++) {
        const window = first + at + width - 1; // its last token
        if (window < 0) continue; // it holds padding only
        const words = starts.subarray(at, at + width);
        this.#raise(words, column, i * this.#filters, window, largest, places);
      }
      column += width * this.#filters;
    });
  }

  /** Raise the peaks of one width's filters by one window. */
  #raise(starts, column, unit, window, largest, places) {
    const F = this.#filters;
    const sums = this.#sums;
    const { rows } = this.#answers;
    const last = starts.length - 1;
    // Sums of 32 bits, from the left as the reference adds: equal windows have equal responses.
    let left = rows;
    let at = starts[0] + column;
    for (let place = 1; place < last; place++) {
      const right = starts[place] + column + place * F;
      for (let f = 0; f < F; f++) sums[f] = left[at + f] + rows[right + f];
      left = sums;
      at = 0;
    }
    // A window of one word has row 0, which is zero, for its second half.
    const right = last ? starts[last] + column + last * F : 0;
    for (let f = 0; f < F; f++) {
      const response = Math.fround(left[at + f] + rows[right + f]);
      if (response > largest[unit + f]) {
        largest[unit + f] = response;
        places[unit + f] = window;
      }
    }
  }
}
