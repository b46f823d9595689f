/** From probabilities to what is answered, in the form of the HTTP API. */

import { round } from "./rounding.js";

/** Of probabilities. */
const DIGITS = 4;

/**
 * What answers: the model's labels, or groups in their place.
 *
 * @typedef {object} Vocabulary
 * @property {string[]} names L of them.
 * @property {Float32Array} cuts (L,).
 */

/**
 * Return the labels that hold, strongest first.
 *
 * @param {Vocabulary} known
 * @param {Float32Array} probabilities (L,).
 * @param {number} bound If the highest probability is below it, there is none.
 * @returns {number[]} Their places.
 */
function held({ cuts }, probabilities, bound) {
  if (confidence(probabilities) < Math.fround(bound)) return [];
  const holding = [...probabilities.keys()].filter((i) => probabilities[i] >= cuts[i]);
  return holding.sort((a, b) => probabilities[b] - probabilities[a]);
}

const confidence = (probabilities) => probabilities.reduce((a, b) => Math.max(a, b));

/**
 * Return what holds by the probabilities of all labels.
 *
 * @param {Vocabulary} known
 * @param {Float32Array} probabilities (L,).
 * @param {import("./request.js").Query} query
 * @returns {object} Its labels, confidence, whether that is sure, and all probabilities if asked.
 */
export function judge(known, probabilities, query) {
  const { labels, min_confidence: bound } = query;
  const isAsked = (i) => labels === null || labels.includes(known.names[i]);
  const rounded = (i) => round(probabilities[i], DIGITS);
  const highest = confidence(probabilities);
  const judged = {
    labels: held(known, probabilities, bound)
      .filter(isAsked)
      .map((i) => ({ label: known.names[i], probability: rounded(i) })),
    confidence: round(highest, DIGITS),
    sure: highest >= bound,
  };
  if (query.probabilities) {
    const asked = [...known.names.keys()].filter(isAsked);
    judged.probabilities = Object.fromEntries(asked.map((i) => [known.names[i], rounded(i)]));
  }
  return judged;
}

/**
 * Return in how many sentences each label holds; those that hold in most first, of those in as many
 * the most probable.
 *
 * @param {Vocabulary} known
 * @param {Float32Array[]} sentences S of probabilities (L,).
 * @param {import("./request.js").Query} query
 * @returns {object[]} Of the labels that hold in one.
 */
export function summarise(known, sentences, query) {
  const counts = new Int32Array(known.names.length);
  for (const one of sentences) for (const i of held(known, one, query.min_confidence)) counts[i]++;
  const shares = known.names.map((label, i) => ({
    label,
    sentences: counts[i],
    share: round(counts[i] / sentences.length, DIGITS),
    max_probability: round(sentences.reduce((most, one) => Math.max(most, one[i]), 0), DIGITS),
  }));
  return shares
    .filter((one) => one.sentences && (query.labels === null || query.labels.includes(one.label)))
    .sort((a, b) => b.sentences - a.sentences || b.max_probability - a.max_probability);
}
