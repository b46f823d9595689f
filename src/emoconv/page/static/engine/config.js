/**
 * The recipe in a bundle's config.json: what it says, what it leaves to its defaults.
 *
 * The same settings, in the same order and with the same defaults, as `emoconv.config`; a folder
 * written before a setting came has its default. All of them are part of a model's fingerprint.
 */

import { BundleError } from "./errors.js";

const isDigits = (value) => typeof value === "string" && /^\d{16,}$/.test(value);
const isWhole = (value) => Number.isInteger(value) && value >= 0;
const whole = (value) => (isWhole(value) || isDigits(value) ? `${value}` : null);
const count = (value) => (Number.isInteger(value) && value >= 1 ? `${value}` : null);
const orNull = (form) => (value) => (value === null ? "null" : form(value));
const text = (value) => (typeof value === "string" ? JSON.stringify(value) : null);
const real = (value) => (Number.isFinite(value) ? pythonFloat(value) : null);

/** Write distinct counts, at least one. */
function counts(value) {
  if (!Array.isArray(value) || !value.length || !value.every(count)) return null;
  if (new Set(value).size < value.length) return null;
  return `[\n${value.map((one) => `      ${one}`).join(",\n")}\n    ]`;
}

/** Each setting with how it is written, or null if it is not what it should be; and its default. */
const SETTINGS = {
  text: {
    tokenizer: [(value) => (["rich", "plain"].includes(value) ? text(value) : null), "rich"],
    min_count: [count, 2],
    unlabelled_min_count: [count, 10],
    max_words: [orNull(count), null],
    max_tokens: [orNull(count), null],
  },
  model: {
    embedding_width: [count, 300],
    kernel_widths: [counts, [1, 2, 3]],
    filters: [count, 256],
    hidden: [orNull(count), null],
    embedding_storage: [text, "float16"],
  },
  training: {
    epochs: [count, 15],
    batch_size: [count, 128],
    learning_rate: [real, 1e-3],
    embedding_learning_rate: [real, 1e-3],
    schedule: [text, "constant"],
    precision: [text, "float32"],
    soft_weight: [real, 0.5],
    unlabelled_per_epoch: [orNull(whole), null],
    word_dropout: [real, 0.1],
    embedding_dropout: [real, 0.3],
    feature_dropout: [real, 0.5],
    hidden_dropout: [real, 0],
    empty_text_weight: [real, 1],
    monitor: [text, "macro_f1"],
    patience: [count, 2],
    threshold_rule: [text, "per-label-balanced"],
    seed: [whole, 0],
  },
};

/**
 * Write a number as Python does: `1.0` and `1e-05` where JavaScript has `1` and `0.00001`.
 *
 * @param {number} value A setting of a recipe: from 0 to 1.
 * @returns {string}
 */
function pythonFloat(value) {
  if (Number.isInteger(value)) return `${value}.0`;
  if (value >= 1e-4) return `${value}`;
  return value.toExponential().replace(/-(\d)$/, "-0$1");
}

/**
 * Read config.json. A seed may be larger than JavaScript's numbers are exact; it stays digits.
 *
 * @param {string} content
 * @returns {object}
 * @throws {SyntaxError} It is no JSON.
 */
export function parseHead(content) {
  return JSON.parse(content.replace(/("seed": )(\d{16,})/g, '$1"$2"'));
}

/**
 * Complete a recipe and write it as Python does.
 *
 * @param {object} recipe What config.json holds under `config`.
 * @returns {{config: object, json: string}} The recipe with all its settings, and its JSON.
 * @throws {BundleError} A setting is unknown or not what it should be.
 */
export function completeRecipe(recipe) {
  checkNames("config", recipe, SETTINGS);
  const config = {};
  const parts = Object.entries(SETTINGS).map(([part, settings]) => {
    const given = recipe[part] ?? {};
    checkNames(part, given, settings);
    config[part] = {};
    const lines = Object.entries(settings).map(([name, [form, standard]]) => {
      const value = Object.hasOwn(given, name) ? given[name] : standard;
      const written = form(value);
      if (written === null) throw wrong(`${part}.${name} is ${JSON.stringify(value)}`);
      config[part][name] = value;
      return `    "${name}": ${written}`;
    });
    return `  "${part}": {\n${lines.join(",\n")}\n  }`;
  });
  return { config, json: `{\n${parts.join(",\n")}\n}\n` };
}

function checkNames(what, given, known) {
  if (typeof given !== "object" || given === null) throw wrong(`${what} is no object`);
  const strange = Object.keys(given).find((name) => !Object.hasOwn(known, name));
  if (strange !== undefined) throw wrong(`unknown setting ${strange} in ${what}`);
}

const wrong = (what) => new BundleError(`config.json: ${what}; not a model of this emoconv`);
