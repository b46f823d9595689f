/** Word vectors as they are kept: int8 with a scale for each word, float16 or float32. */

import { BundleError } from "./errors.js";
import { fromHalves, toHalves } from "./halves.js";

/** @typedef {import("./tensors.js").Tensor} Tensor */

/** V vectors of width D; a vector is computed when it is asked for. */
export class Embedding {
  #tensor;
  #scale;

  /**
   * @param {Tensor} tensor (V, D).
   * @param {Float32Array | null} scale (V,), what a step of each word's int8 is worth; null where
   *   the tensor is of another type.
   */
  constructor(tensor, scale) {
    this.#tensor = tensor;
    this.#scale = scale;
    [this.size, this.width] = tensor.shape;
    /** The type that its numbers have once they are read. */
    this.dtype = scale ? "F16" : tensor.dtype;
  }

  /**
   * Return the vector of a word.
   *
   * @param {number} id In [0, V).
   * @returns {Float32Array} (D,).
   */
  vector(id) {
    const row = this.#tensor.data.subarray(id * this.width, (id + 1) * this.width);
    if (this.dtype === "F32") return row;
    return fromHalves(this.#scale ? this.#halves(id, 1) : row);
  }

  /**
   * Add all vectors to a hash, as numbers of `dtype`, and check that they are some.
   *
   * @param {import("./sha256.js").Sha256} hash
   * @throws {BundleError} One is not finite, or the first, which pads, is not zero.
   */
  addTo(hash) {
    const words = 512; // a megabyte or so at once
    for (let id = 0; id < this.size; id += words) {
      const count = Math.min(words, this.size - id);
      const numbers = this.#scale
        ? this.#halves(id, count)
        : this.#tensor.data.subarray(id * this.width, (id + count) * this.width);
      if (!areFinite(numbers)) throw new BundleError("weight embedding has a number not finite");
      hash.update(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
    }
    if (this.vector(0).some((number) => number !== 0)) {
      throw new BundleError("word vector 0, which pads, is not zero");
    }
  }

  /** Return the vectors of some words, from one on, as halves. */
  #halves(id, count) {
    const steps = this.#tensor.data;
    const numbers = new Float32Array(count * this.width);
    let at = id * this.width;
    for (let i = 0; i < numbers.length; id++) {
      const scale = this.#scale[id];
      for (let d = 0; d < this.width; d++, i++, at++) numbers[i] = steps[at] * scale;
    }
    const halves = new Uint16Array(numbers.length);
    toHalves(numbers, halves);
    return halves;
  }
}

/**
 * Tell whether numbers are all finite.
 *
 * @param {Float32Array | Uint16Array} numbers Of 32 bits, or the bits of halves.
 * @returns {boolean}
 */
export function areFinite(numbers) {
  if (numbers instanceof Uint16Array) {
    for (let i = 0; i < numbers.length; i++) if ((numbers[i] & 0x7c00) === 0x7c00) return false;
    return true;
  }
  return numbers.every(Number.isFinite);
}
