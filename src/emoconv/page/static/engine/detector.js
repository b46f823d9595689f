/** Emotions in texts, by a model that is at hand: the HTTP API without a server. */

import { judge, summarise } from "./answers.js";
import { readBundle } from "./bundle.js";
import { Characters } from "./characters.js";
import { codePoints, cutter } from "./codepoints.js";
import { Encoder } from "./encoder.js";
import { BundleError, DetectError } from "./errors.js";
import { Explainer } from "./explanation.js";
import { parsed, readFile } from "./files.js";
import { SENTIMENT, groupingsOf } from "./groupings.js";
import { Layers } from "./layers.js";
import { PeakFinder } from "./peaks.js";
import { checkNames, readRequest } from "./request.js";
import { round } from "./rounding.js";
import { SentenceFinder } from "./sentences.js";
import { VERSION } from "./version.js";
import { Vocabulary } from "./vocabulary.js";

export { BundleError, DetectError };

/** Of thresholds where they are told. */
const DIGITS = 4;

/** What a server bounds and a browser does not. */
const LIMITS = ["texts", "characters", "sentences", "explained", "body_bytes"];

/** Answers what the HTTP API answers; texts stay where they are. */
export class Detector {
  #bundle;
  #groupings;
  #encoder;
  #finder;
  #layers;
  #explainer;
  #sentences;

  /**
   * @param {import("./bundle.js").Bundle} bundle
   * @param {Characters} characters
   * @param {number} [remembered] Words whose filters' answers are remembered.
   */
  constructor(bundle, characters, remembered) {
    const vocabulary = new Vocabulary(bundle.tokens, characters);
    this.#bundle = bundle;
    this.#groupings = groupingsOf(bundle.labels, bundle.cuts);
    this.#encoder = new Encoder(characters, vocabulary, bundle.config.text);
    this.#finder = new PeakFinder(bundle, remembered);
    this.#layers = new Layers(bundle);
    this.#explainer = new Explainer(bundle, this.#encoder, this.#finder, this.#layers);
    this.#sentences = new SentenceFinder(characters);
  }

  /**
   * Load a model.
   *
   * @param {import("./files.js").Read} read Gives the content of a file by its name: of the files
   *   of the model's folder, and of `characters.json`.
   * @param {object} [options]
   * @param {number} [options.remembered] Words whose filters' answers are remembered.
   * @returns {Promise<Detector>}
   * @throws {BundleError} It is no whole model, or one of a newer format.
   */
  static async load(read, { remembered } = {}) {
    const name = "characters.json";
    const [bundle, content] = await Promise.all([readBundle(read), readFile(read, name)]);
    return new Detector(bundle, new Characters(parsed(name, content)), remembered);
  }

  /** @returns {object} What GET /v1/model gives. */
  model() {
    const { labels, cuts, fingerprint } = this.#bundle;
    const sentiments = Object.entries(SENTIMENT);
    const sentimentOf = (label) => sentiments.find(([, members]) => members.includes(label))?.[0];
    const groups = ({ names, cuts: bounds, members }) =>
      names.map((name, i) => ({ name, threshold: round(bounds[i], DIGITS), members: members[i] }));
    return {
      emoconv: VERSION,
      fingerprint,
      engine: "browser",
      labels: labels.map((name, i) => ({
        name,
        threshold: round(cuts[i], DIGITS),
        sentiment: sentimentOf(name) ?? null,
      })),
      groupings: Object.fromEntries(
        [...this.#groupings].map(([name, grouping]) => [name, groups(grouping)]),
      ),
      min_confidence: 0,
      limits: Object.fromEntries(LIMITS.map((name) => [name, null])),
    };
  }

  /**
   * Answer a request.
   *
   * @param {object} request The body of POST /v1/detect.
   * @returns {object} What that gives.
   * @throws {DetectError} The request is not what it should be.
   */
  detect(request) {
    const query = readRequest(request);
    if (query.grouping !== null) {
      checkNames("grouping", query.grouping, [...this.#groupings.keys()]);
    }
    const grouping = this.#groupings.get(query.grouping);
    const known = grouping ?? { names: this.#bundle.labels, cuts: this.#bundle.cuts };
    if (query.labels !== null) checkNames("labels", query.labels, known.names);
    return {
      model: this.#bundle.fingerprint.slice(0, 16),
      results: query.texts.map((text) => this.#answer(text, query, known, grouping)),
    };
  }

  /**
   * Return the probability of each of the model's labels in each text.
   *
   * @param {string[]} texts N of any length.
   * @returns {Float32Array} (N * L,), rows end to end.
   */
  predictProba(texts) {
    const count = this.#bundle.labels.length;
    const found = new Float32Array(texts.length * count);
    texts.forEach((text, n) => found.set(this.#probabilities(codePoints(text)), n * count));
    return found;
  }

  /**
   * Return the tokens of a text with their ids and spans.
   *
   * @param {string} text
   * @returns {{ids: Int32Array, tokens: import("./words.js").Token[]}} T of both.
   */
  encode(text) {
    return this.#encoder.encode(codePoints(text));
  }

  /** Return the probabilities of the model's labels, (L,), in the text of some code points. */
  #probabilities(points) {
    const { largest } = this.#finder.find(this.#encoder.encode(points).ids);
    return this.#layers.probabilities(this.#layers.logits(this.#layers.units(largest)));
  }

  #answer(text, query, known, grouping) {
    const points = codePoints(text);
    const probabilities = (of) => {
      const own = this.#probabilities(of);
      return grouping ? grouping.probabilities(own) : own;
    };
    const result = judge(known, probabilities(points), query);
    if (query.explain) {
      const asked = query.labels !== null && !grouping ? query.labels : null;
      const labels = asked && known.names.filter((name) => asked.includes(name));
      result.explanations = this.#explainer.explain(text, points, { labels, top: query.top });
    }
    if (query.by === "sentence") {
      const cut = cutter(text, points);
      const spans = this.#sentences.find(points);
      const found = spans.map(([start, end]) => probabilities(points.subarray(start, end)));
      result.sentences = spans.map(([start, end], i) => ({
        ...{ start, end, text: cut(start, end) },
        ...judge(known, found[i], query),
      }));
      result.summary = summarise(known, found, query);
    }
    return result;
  }
}
