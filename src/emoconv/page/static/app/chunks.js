/**
 * Texts in the parts that a server takes at once.
 */

import { countCodePoints } from "./offsets.js";

/** Bytes of a request around its texts: names, labels, a grouping. */
const FRAME_BYTES = 2048;

/** Texts in a part where the engine has no limit: enough to be quick, few enough to be stopped. */
const UNLIMITED_TEXTS = 256;

/** Characters in a part, for the same reason; a longer text is a part of its own. */
const UNLIMITED_CHARACTERS = 100_000;

const ENCODER = new TextEncoder();

/**
 * Return why a text cannot be sent at all, or null.
 *
 * @param {string} text
 * @param {{characters: number | null, body_bytes: number | null}} limits
 * @returns {"characters" | "bytes" | null}
 */
export function tooLong(text, { characters, body_bytes: bytes }) {
  if (characters !== null && countCodePoints(text) > characters) return "characters";
  if (bytes !== null && jsonBytes(text) + FRAME_BYTES > bytes) return "bytes";
  return null;
}

/**
 * Return where the part of texts that begins at `start` ends.
 *
 * @param {string[]} texts None of those it can reach too long.
 * @param {number} start
 * @param {{texts: number | null, body_bytes: number | null}} limits
 * @param {number} most Texts at most, from what has been learnt since.
 * @returns {number} Above `start`.
 */
export function partEnd(texts, start, limits, most = Infinity) {
  const count = Math.min(most, limits.texts ?? UNLIMITED_TEXTS);
  const bytes = limits.body_bytes === null ? Infinity : limits.body_bytes - FRAME_BYTES;
  let [sum, characters, end] = [0, 0, start];
  for (; end < texts.length && end - start < count; end += 1) {
    sum += jsonBytes(texts[end]) + 1;
    characters += texts[end].length;
    if (end > start && (sum > bytes || characters > UNLIMITED_CHARACTERS)) break;
  }
  return Math.max(end, start + 1);
}

function jsonBytes(text) {
  return ENCODER.encode(JSON.stringify(text)).length;
}
