/** The layers after the filters, and from logits to probabilities. */

const { fround } = Math;

/** Return a matrix, rows contiguous, times a vector, plus a bias, rounded to 32 bits once. */
function dense(weight, bias, inputs) {
  const outputs = new Float32Array(bias.length);
  const count = inputs.length;
  for (let row = 0, at = 0; row < outputs.length; row++, at += count) {
    let even = 0;
    let odd = 0;
    let i = 0;
    for (; i + 1 < count; i += 2) {
      even += inputs[i] * weight[at + i];
      odd += inputs[i + 1] * weight[at + i + 1];
    }
    if (i < count) even += inputs[i] * weight[at + i];
    outputs[row] = even + odd + bias[row];
  }
  return outputs;
}

/** What a bundle computes of features. */
export class Layers {
  /** @param {import("./bundle.js").Bundle} bundle */
  constructor({ weights, scale, offset }) {
    const layer = (name) => ({
      weight: weights.get(`${name}.weight`),
      bias: weights.get(`${name}.bias`),
    });
    /** A layer of ReLU units, `weight` (H, U) and `bias` (H,), or null. */
    this.hidden = weights.has("hidden.weight") ? layer("hidden") : null;
    /** `weight` (L, U or H) and `bias` (L,). */
    this.output = layer("output");
    this.scale = scale;
    this.offset = offset;
  }

  /**
   * Return what the output layer gets.
   *
   * @param {Float32Array} features (U,), at least 0.
   * @returns {Float32Array} (U,), or (H,) where there is a hidden layer; at least 0.
   */
  units(features) {
    if (!this.hidden) return features;
    return dense(this.hidden.weight, this.hidden.bias, features).map((x) => Math.max(0, x));
  }

  /**
   * Return the calibrated logits: `scale * logit + offset` (Platt 1999).
   *
   * @param {Float32Array} units (U or H,).
   * @returns {Float32Array} (L,).
   */
  logits(units) {
    const { scale, offset } = this;
    return dense(this.output.weight, this.output.bias, units).map(
      (logit, i) => fround(scale[i] * logit) + offset[i],
    );
  }

  /**
   * Return probabilities: the sigmoid of calibrated logits, in 32 bits throughout.
   *
   * @param {Float32Array} logits (L,).
   * @returns {Float32Array} (L,), in [0, 1].
   */
  probabilities(logits) {
    return logits.map((z) => 1 / fround(1 + fround(Math.exp(-Math.max(z, -80)))));
  }
}
