/** What may be asked: the body of POST /v1/detect, checked. */

import { DetectError } from "./errors.js";

const isString = (value) => typeof value === "string";
const isBoolean = (value) => typeof value === "boolean";
const isList = (value) => Array.isArray(value) && value.length > 0;

/** Each key with its default, what it has to be, and that in words. Null stands for absent. */
const KEYS = {
  text: { standard: null, fits: isString, expected: "a string" },
  texts: { standard: null, fits: isList, expected: "a list of at least one text" },
  labels: { standard: null, fits: isList, expected: "a list of at least one label" },
  grouping: { standard: null, fits: isString, expected: "the name of a grouping" },
  probabilities: { standard: false, fits: isBoolean, expected: "true or false" },
  explain: { standard: false, fits: isBoolean, expected: "true or false" },
  top: {
    standard: 5,
    fits: (value) => Number.isInteger(value) && value >= 1 && value <= 100,
    expected: "a whole number from 1 to 100",
  },
  by: {
    standard: "text",
    fits: (value) => value === "text" || value === "sentence",
    expected: "'text' or 'sentence'",
  },
  min_confidence: {
    standard: null,
    fits: (value) => typeof value === "number" && value >= 0 && value <= 1,
    expected: "a number from 0 to 1",
  },
};

/**
 * @typedef {object} Query
 * @property {string[]} texts N of them.
 * @property {string[] | null} labels
 * @property {string | null} grouping
 * @property {boolean} probabilities
 * @property {boolean} explain
 * @property {number} top
 * @property {"text" | "sentence"} by
 * @property {number} min_confidence
 */

/**
 * Check a request, but for the names of labels and groupings.
 *
 * @param {object} request The body of POST /v1/detect.
 * @returns {Query}
 * @throws {DetectError} It is not what it should be.
 */
export function readRequest(request) {
  if (typeof request !== "object" || request === null || Array.isArray(request)) {
    throw new DetectError("", "expected an object");
  }
  const strange = Object.keys(request).find((key) => !Object.hasOwn(KEYS, key));
  if (strange !== undefined) {
    const known = Object.keys(KEYS).join(", ");
    throw new DetectError(pointer(strange), `no key '${strange}' (known: ${known})`);
  }
  const query = {};
  for (const [key, { standard, fits, expected }] of Object.entries(KEYS)) {
    const value = request[key] === undefined ? standard : request[key];
    if (!(value === null && standard === null) && !fits(value)) {
      throw new DetectError(pointer(key), `expected ${expected}`);
    }
    query[key] = value;
  }
  checkStrings("texts", query.texts);
  checkStrings("labels", query.labels);
  if ((query.text === null) === (query.texts === null)) {
    throw new DetectError("", "expected either text or texts");
  }
  const { text, texts, ...others } = query;
  return { ...others, texts: texts ?? [text], min_confidence: query.min_confidence ?? 0 };
}

/**
 * Check that names are known.
 *
 * @param {"labels" | "grouping"} key Where they are in the request.
 * @param {string[] | string} wanted
 * @param {string[]} known
 * @throws {DetectError} One is not.
 */
export function checkNames(key, wanted, known) {
  const kind = key === "labels" ? "label" : key;
  [wanted].flat().forEach((name, place) => {
    if (known.includes(name)) return;
    const where = Array.isArray(wanted) ? `/${key}/${place}` : `/${key}`;
    throw new DetectError(where, `no ${kind} '${name}' (known: ${known.join(", ")})`);
  });
}

function checkStrings(key, values) {
  const place = values?.findIndex((value) => !isString(value)) ?? -1;
  if (place >= 0) throw new DetectError(`/${key}/${place}`, "expected a string");
}

const pointer = (key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
