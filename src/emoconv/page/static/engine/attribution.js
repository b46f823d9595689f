/**
 * A logit taken apart: what each run of words gives to each label.
 *
 * A filter's largest response was reached at one window of words (`peaks.js`), and what it gives to
 * a logit is its feature times a weight. So a logit is a bias and a sum over windows, exactly.
 */

/**
 * The logits of a text of W words as sums over P phrases. Logits here are calibrated.
 *
 * @typedef {object} Attribution
 * @property {number[]} first (P,), the first word of each phrase, in [0, W).
 * @property {number[]} last (P,), its last word.
 * @property {Float64Array[]} shares P of (L,), what each phrase gives to the logit of each label.
 * @property {Float64Array} bias (L,), what no phrase gives.
 * @property {Float32Array} logits (L,).
 * @property {Float32Array} probabilities (L,), their sigmoid.
 */

/** Takes the logits of texts apart. */
export class Attributor {
  #widths;
  #filters;
  #finder;
  #layers;
  #onwards;

  /**
   * @param {import("./bundle.js").Bundle} bundle
   * @param {import("./peaks.js").PeakFinder} finder
   * @param {import("./layers.js").Layers} layers
   */
  constructor(bundle, finder, layers) {
    ({ kernel_widths: this.#widths, filters: this.#filters } = bundle.config.model);
    this.#finder = finder;
    this.#layers = layers;
    this.#onwards = calibrated(layers);
    /** Whether the output is linear; a hidden layer is replaced by what it is around a text. */
    this.exact = layers.hidden === null;
  }

  /**
   * Take the logits of one text apart.
   *
   * @param {Int32Array} ids (T,), each in [1, V).
   * @param {number[]} words (T,), which word each token belongs to, ascending from 0. Windows of
   *   tokens that hold the same words are one phrase.
   * @returns {Attribution}
   */
  attribute(ids, words) {
    const { largest: features, places } = this.#finder.find(ids);
    const active = [...features.keys()].filter((unit) => features[unit] > 0);
    const units = this.#layers.units(features);
    const logits = this.#layers.logits(units);
    const { weights, bias } = this.#linear(units, active);
    const count = words.length ? words.at(-1) + 1 : 1;
    const phrases = new Map(); // by first * count + last
    for (const unit of active) {
      const width = this.#widths[Math.floor(unit / this.#filters)];
      const first = words[Math.max(places[unit] - width + 1, 0)];
      const last = words[Math.min(places[unit], ids.length - 1)];
      const code = first * count + last;
      if (!phrases.has(code)) phrases.set(code, new Float64Array(bias.length));
      const shares = phrases.get(code);
      const at = unit * shares.length;
      for (let label = 0; label < shares.length; label++) {
        shares[label] += features[unit] * weights[at + label];
      }
    }
    const codes = [...phrases.keys()].sort((a, b) => a - b);
    return {
      first: codes.map((code) => Math.floor(code / count)),
      last: codes.map((code) => code % count),
      shares: codes.map((code) => phrases.get(code)),
      bias,
      logits,
      probabilities: this.#layers.probabilities(logits),
    };
  }

  /**
   * Return the output as a linear function of the features that are above 0.
   *
   * @param {Float32Array} units What the output layer gets.
   * @param {number[]} active The features above 0.
   * @returns {{weights: Float64Array, bias: Float64Array}} (U, L), of which the active rows count;
   *   and (L,).
   */
  #linear(units, active) {
    const { hidden, output, scale, offset } = this.#layers;
    const L = scale.length;
    const bias = Float64Array.from(scale, (by, label) => by * output.bias[label] + offset[label]);
    if (!hidden) return { weights: this.#onwards, bias };
    const inputs = hidden.weight.length / units.length;
    const awake = [...units.keys()].filter((unit) => units[unit] > 0);
    const through = (result, at, factor) => {
      for (const unit of awake) {
        const by = factor(unit);
        for (let label = 0; label < L; label++) {
          result[at + label] += by * this.#onwards[unit * L + label];
        }
      }
      return result;
    };
    const weights = new Float64Array(inputs * L);
    for (const input of active) {
      through(weights, input * L, (unit) => hidden.weight[unit * inputs + input]);
    }
    const given = through(new Float64Array(L), 0, (unit) => hidden.bias[unit]);
    return { weights, bias: bias.map((own, label) => own + given[label]) };
  }
}

/** Return the output layer's weights for calibrated logits, (U or H, L). */
function calibrated({ output, scale }) {
  const L = scale.length;
  const inputs = output.weight.length / L;
  const weights = new Float64Array(inputs * L);
  for (let label = 0; label < L; label++) {
    for (let unit = 0; unit < inputs; unit++) {
      weights[unit * L + label] = scale[label] * output.weight[label * inputs + unit];
    }
  }
  return weights;
}
