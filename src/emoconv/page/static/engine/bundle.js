/**
 * A model's folder in memory, checked when it is read, as `emoconv.bundle` checks it.
 *
 * Reads the files that an answer depends on, as they are: docs/reference/bundle.md tells of them.
 */

import { completeRecipe, parseHead } from "./config.js";
import { Embedding, areFinite } from "./embedding.js";
import { BundleError } from "./errors.js";
import { decoded, parsed, readFile } from "./files.js";
import { Sha256, sha256 } from "./sha256.js";
import { numbersOf, readTensors } from "./tensors.js";
import { FORMAT_VERSION, VERSION } from "./version.js";

const FILES = [
  ...["labels.json", "vocabulary.json", "thresholds.json", "calibration.json"],
  "weights.safetensors",
];

/**
 * @typedef {object} Bundle
 * @property {object} config The recipe, all settings of it.
 * @property {string[]} labels L names.
 * @property {string[]} tokens V tokens.
 * @property {Float32Array} cuts (L,), in [0, 1].
 * @property {Float32Array} scale (L,), of the calibration; above 0.
 * @property {Float32Array} offset (L,), of the calibration.
 * @property {Embedding} embedding (V, D).
 * @property {Map<string, Float32Array>} weights All but the embedding; their shapes are checked.
 * @property {string} fingerprint What `emoconv.bundle.Bundle.fingerprint` gives.
 */

/**
 * Read and check a bundle.
 *
 * @param {import("./files.js").Read} read Gives the content of a file by its name.
 * @returns {Promise<Bundle>}
 * @throws {BundleError} It is no bundle, of a newer format, or a file is missing or changed.
 */
export async function readBundle(read) {
  const head = parsed("config.json", await readFile(read, "config.json"), parseHead);
  checkVersion(head);
  const contents = await Promise.all(FILES.map((name) => readWhole(read, name, head)));
  const file = Object.fromEntries(FILES.map((name, i) => [name, contents[i]]));
  const { config, json } = completeRecipe(head.config);
  const labels = names("labels.json", file["labels.json"]);
  const tokens = names("vocabulary.json", file["vocabulary.json"]);
  const thresholds = parsed("thresholds.json", file["thresholds.json"]);
  const calibration = parsed("calibration.json", file["calibration.json"]);
  const L = labels.length;
  const bundle = {
    config,
    labels,
    tokens,
    cuts: numbers("thresholds.json", thresholds, "values", L, (cut) => cut >= 0 && cut <= 1),
    scale: numbers("calibration.json", calibration, "scale", L, (scale) => scale > 0),
    offset: numbers("calibration.json", calibration, "offset", L, () => true),
  };
  const tensors = readTensors(file["weights.safetensors"]);
  const embedding = takeEmbedding(tensors);
  checkShapes(tensors, embedding, shapes(config, L, tokens.length));
  const hash = new Sha256();
  hash.update(new TextEncoder().encode(json));
  hash.update(file["labels.json"]);
  hash.update(indented(file["vocabulary.json"]));
  hash.update(file["thresholds.json"]).update(file["calibration.json"]);
  const weights = addWeights(hash, tensors, embedding);
  return { ...bundle, embedding, weights, fingerprint: hash.digest() };
}

/** Read a file and compare it with what the head says of it. */
async function readWhole(read, name, head) {
  const expected = head.files?.[name];
  if (!expected) throw new BundleError(`config.json: says nothing of ${name}; no whole model`);
  const content = await readFile(read, name);
  if (content.length !== expected.bytes) {
    throw new BundleError(
      `${name}: ${content.length} bytes where ${expected.bytes} were written; ` +
        "it was cut short or changed: copy the model again",
    );
  }
  if (sha256(content) !== expected.sha256) {
    throw new BundleError(`${name}: was changed after it was written: copy the model again`);
  }
  return content;
}

function checkVersion(head) {
  const version = head?.format_version;
  if (version === undefined || typeof head.config !== "object") {
    throw new BundleError("config.json: not the head of a model that emoconv wrote");
  }
  if (!Number.isInteger(version) || version < 1 || version > FORMAT_VERSION) {
    throw new BundleError(
      `config.json: model format ${JSON.stringify(version)}, and this page (emoconv ${VERSION}) ` +
        `reads formats 1 to ${FORMAT_VERSION}; write the page with a newer emoconv`,
    );
  }
}

/** Return a list of strings, at least one. */
function names(name, content) {
  const found = parsed(name, content);
  const isList = Array.isArray(found) && found.length;
  if (!isList || !found.every((one) => typeof one === "string")) {
    throw new BundleError(`${name}: not a list of names; copy the model again`);
  }
  return found;
}

/** Return the L numbers that a file has under a key. */
function numbers(name, values, key, count, isGood) {
  const found = values?.[key];
  if (!Array.isArray(found) || found.length !== count) {
    throw new BundleError(`${name}: expected ${count} numbers under ${key}, one for each label`);
  }
  const wrong = found.find((number) => !Number.isFinite(number) || !isGood(Math.fround(number)));
  if (wrong !== undefined) throw new BundleError(`${name}: ${key} has ${JSON.stringify(wrong)}`);
  return Float32Array.from(found);
}

/** Return the vocabulary's file as it would be with two spaces before each token. */
function indented(content) {
  const text = decoded("vocabulary.json", content).replace(/\n(?=")/g, "\n  ");
  return new TextEncoder().encode(text);
}

/** Take the word vectors out of the tensors. */
function takeEmbedding(tensors) {
  const tensor = tensors.get("embedding");
  if (!tensor) throw new BundleError("weights.safetensors: tensor embedding is missing");
  const scale = tensors.get("embedding.scale");
  tensors.delete("embedding");
  tensors.delete("embedding.scale");
  const fits = scale ? scale.dtype === "F32" && tensor.dtype === "I8" : tensor.dtype !== "I8";
  if (!fits || (scale && scale.data.length !== tensor.shape[0])) {
    throw new BundleError("weights.safetensors: embedding and embedding.scale do not fit");
  }
  return new Embedding(tensor, scale ? scale.data : null);
}

/** Return the name and shape of every weight but the embedding, and under that name its own. */
function shapes({ model }, labels, words) {
  const found = new Map([["embedding", [words, model.embedding_width]]]);
  for (const width of model.kernel_widths) {
    found.set(`convolution.${width}.weight`, [model.filters, model.embedding_width, width]);
    found.set(`convolution.${width}.bias`, [model.filters]);
  }
  let units = model.filters * model.kernel_widths.length;
  if (model.hidden !== null) {
    found.set("hidden.weight", [model.hidden, units]).set("hidden.bias", [model.hidden]);
    units = model.hidden;
  }
  return found.set("output.weight", [labels, units]).set("output.bias", [labels]);
}

function checkShapes(tensors, embedding, expected) {
  const found = new Map([["embedding", [embedding.size, embedding.width]]]);
  for (const [name, tensor] of tensors) found.set(name, tensor.shape);
  for (const name of new Set([...expected.keys(), ...found.keys()])) {
    const [wanted, there] = [expected.get(name), found.get(name)].map((shape) => `${shape}`);
    if (wanted !== there) {
      const what = found.has(name) ? `has the shape (${there})` : "is missing";
      const should = expected.has(name) ? `expected (${wanted})` : "expected no such tensor";
      throw new BundleError(`weights.safetensors: tensor ${name} ${what}; ${should}`);
    }
  }
}

/** Add all weights to the hash in the order of their names; return them but for the embedding. */
function addWeights(hash, tensors, embedding) {
  const weights = new Map();
  for (const name of [...tensors.keys(), "embedding"].sort()) {
    hash.update(new TextEncoder().encode(name));
    if (name === "embedding") {
      embedding.addTo(hash);
      continue;
    }
    const { data } = tensors.get(name);
    if (data instanceof Int8Array || !areFinite(data)) {
      throw new BundleError(`weight ${name} is not of finite float16 or float32 numbers`);
    }
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    weights.set(name, numbersOf(tensors.get(name)));
  }
  return weights;
}
