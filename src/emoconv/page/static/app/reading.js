/**
 * What is asked about one text, and what was answered.
 *
 * Knows the API's words and nothing of pages.
 */

import { countCodePoints } from "./offsets.js";

/** Characters of a text up to which all labels that hold are explained at once. */
const EXPLAINED_AT_ONCE = 1000;

/** Phrases of an explanation: as many as the API gives. */
const TOP = 100;

/** Where none of these has something behind it, there is one sentence at most. */
const MAY_HAVE_SENTENCES = /[.!?\u2026。！？｡‽\n\v\f\r\x1c-\x1e\x85\u2028\u2029]./su;

/** The answer about a text, whole or a sentence. */
export class Reading {
  #explanations = new Map();

  /**
   * @param {string} text
   * @param {string | null} grouping
   * @param {object} request What was asked about it.
   * @param {object} answer What was answered, in whole.
   * @param {object} own The result about the model's own labels, with probabilities.
   */
  constructor(text, grouping, request, answer, own) {
    Object.assign(this, { text, grouping, request, answer, own });
    this.result = answer.results[0];
    for (const one of own.explanations ?? []) this.#explanations.set(one.label, one);
  }

  /**
   * Return the strongest of what holds, or of all if nothing does.
   *
   * @returns {string}
   */
  strongest() {
    if (this.result.labels.length > 0) return this.result.labels[0].label;
    return strongestOf(Object.entries(this.result.probabilities));
  }

  /**
   * Return the strongest of some of the model's own labels.
   *
   * @param {string[]} members
   * @returns {string}
   */
  strongestMember(members) {
    return strongestOf(members.map((name) => [name, this.own.probabilities[name]]));
  }

  /**
   * Return the explanation of one of the model's own labels, asked for where it is not there yet.
   *
   * @param {string} label
   * @param {(request: object) => Promise<object>} detect
   * @returns {Promise<object>}
   */
  async explanation(label, detect) {
    if (!this.#explanations.has(label)) {
      const request = { text: this.text, labels: [label], explain: true, top: TOP };
      const { results } = await detect(request);
      this.#explanations.set(label, results[0].explanations[0]);
    }
    return this.#explanations.get(label);
  }

  /** Return the explanation of a label if it is there. */
  known(label) {
    return this.#explanations.get(label) ?? null;
  }
}

/**
 * Ask about a text.
 *
 * @param {string} text
 * @param {string | null} grouping
 * @param {(request: object) => Promise<object>} detect
 * @returns {Promise<Reading>}
 */
export async function read(text, grouping, detect) {
  const explain = text.length <= EXPLAINED_AT_ONCE ? { explain: true, top: TOP } : {};
  const request = { text, probabilities: true };
  if (grouping !== null) request.grouping = grouping;
  if (MAY_HAVE_SENTENCES.test(text.trimEnd())) request.by = "sentence";
  if (grouping === null) Object.assign(request, explain);
  const answer = await detect(request);
  if (grouping === null) return new Reading(text, grouping, request, answer, answer.results[0]);
  const own = await detect({ text, probabilities: true, ...explain });
  return new Reading(text, grouping, request, answer, own.results[0]);
}

/**
 * Return why a text cannot be asked about, or null.
 *
 * @param {string} text
 * @param {{characters: number | null}} limits
 * @returns {{found: number, most: number} | null}
 */
export function overLimit(text, { characters }) {
  if (characters === null || text.length <= characters) return null;
  const found = countCodePoints(text);
  return found > characters ? { found, most: characters } : null;
}

function strongestOf(entries) {
  return entries.reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}
