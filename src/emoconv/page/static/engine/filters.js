/**
 * What the filters of a convolution answer to words: word vectors times filters.
 *
 * A filter of width K answers `b + sum_j <W_j, E[w_(p+j)]>` to the window of words at place p (Kim
 * 2014, "Convolutional Neural Networks for Sentence Classification", equation 2). The products are
 * computed when a word is first met and remembered, so that a window costs K look-ups.
 */

/** Words whose answers are remembered: 50 MB for kernels of 1, 2 and 3 words, 512 filters each. */
export const REMEMBERED_WORDS = 4096;

const FIRST_ROOM = 256;
/** Columns that are computed together: as many sums as do not wait for each other. */
const TOGETHER = 4;
const NOWHERE = -1;

/**
 * Rows of answers, one for each word that was met.
 *
 * The columns of a row lie width by width, within a width place by place, within a place filter by
 * filter. Row 0, of padding, is zero.
 */
export class Answers {
  #embedding;
  #columns;
  #matrix;
  #places;
  #used = 1;

  /**
   * @param {import("./bundle.js").Bundle} bundle
   * @param {number} [remembered] So many words at most; when there are more it starts anew.
   */
  constructor(bundle, remembered = REMEMBERED_WORDS) {
    this.#embedding = bundle.embedding;
    this.#matrix = stackFilters(bundle);
    this.#columns = this.#matrix.length / this.#embedding.width;
    this.#places = new Int32Array(this.#embedding.size).fill(NOWHERE);
    this.#places[0] = 0;
    /** How many words it can hold at once. */
    this.capacity = remembered;
    /** @type {Float32Array} Rows end to end; another array after `starts` was called. */
    this.rows = new Float32Array(this.#columns * (Math.min(FIRST_ROOM, remembered) + 1));
  }

  /**
   * Return where the rows of words begin in `rows`, computing those that were not met.
   *
   * @param {Int32Array} ids Words, or 0 for padding; no more of them than `capacity`.
   * @param {Int32Array} starts Of the same length; the result.
   */
  starts(ids, starts) {
    for (let i = 0; i < ids.length; i++) {
      if (this.#places[ids[i]] === NOWHERE && !this.#add(ids[i])) {
        this.#places.fill(NOWHERE); // forget all, and begin again with these words
        this.#places[0] = 0;
        this.#used = 1;
        i = -1;
        continue;
      }
      starts[i] = this.#places[ids[i]] * this.#columns;
    }
  }

  /** Compute a word's row; return whether there was room for it. */
  #add(id) {
    if (this.#used > this.capacity) return false;
    const at = this.#used * this.#columns;
    if (at === this.rows.length) {
      const room = Math.min(2 * this.#used, this.capacity + 1);
      const rows = new Float32Array(room * this.#columns);
      rows.set(this.rows);
      this.rows = rows;
    }
    multiply(this.#matrix, this.#embedding.vector(id), this.rows.subarray(at, at + this.#columns));
    this.#places[id] = this.#used++;
    return true;
  }
}

/**
 * Return a bundle's filters as columns end to end, (C, D); C is filled up to a multiple of four.
 *
 * @param {import("./bundle.js").Bundle} bundle
 * @returns {Float32Array}
 */
function stackFilters({ config: { model }, weights }) {
  const { embedding_width: D, filters: F, kernel_widths: widths } = model;
  const places = widths.reduce((sum, width) => sum + width, 0);
  const matrix = new Float32Array(Math.ceil((F * places) / TOGETHER) * TOGETHER * D);
  let column = 0;
  for (const K of widths) {
    const weight = weights.get(`convolution.${K}.weight`); // (F, D, K)
    for (let place = 0; place < K; place++) {
      for (let f = 0; f < F; f++, column++) {
        for (let d = 0; d < D; d++) matrix[column * D + d] = weight[(f * D + d) * K + place];
      }
    }
  }
  return matrix;
}

/**
 * Multiply a vector by columns.
 *
 * Sums are of 64 bits and rounded to 32 once, so that they depend on nothing but the word.
 *
 * @param {Float32Array} matrix (C, D), C a multiple of four.
 * @param {Float32Array} vector (D,).
 * @param {Float32Array} products (C,), the result.
 */
function multiply(matrix, vector, products) {
  const D = vector.length;
  for (let column = 0, at = 0; column < products.length; column += TOGETHER, at += TOGETHER * D) {
    let first = 0;
    let second = 0;
    let third = 0;
    let fourth = 0;
    for (let d = 0; d < D; d++) {
      const number = vector[d];
      first += number * matrix[at + d];
      second += number * matrix[at + D + d];
      third += number * matrix[at + 2 * D + d];
      fourth += number * matrix[at + 3 * D + d];
    }
    products[column] = first;
    products[column + 1] = second;
    products[column + 2] = third;
    products[column + 3] = fourth;
  }
}
