/**
 * A text and its grouping in the fragment of an address, which browsers keep to themselves.
 *
 * Knows strings and nothing of pages.
 */

import { wellFormed } from "./offsets.js";

/**
 * Return the fragment that holds a text, with its "#".
 *
 * @param {{text: string, grouping: string | null}} shared
 * @returns {string}
 */
export function fragmentOf({ text, grouping }) {
  const parts = [`text=${encodeURIComponent(wellFormed(text))}`];
  if (grouping) parts.push(`grouping=${encodeURIComponent(wellFormed(grouping))}`);
  return `#${parts.join("&")}`;
}

/**
 * Read a fragment.
 *
 * @param {string} fragment With or without its "#".
 * @returns {{text: string, grouping: string | null} | null} Null where there is no text in it, or
 *   what is there cannot be read.
 */
export function sharedIn(fragment) {
  const found = new Map();
  for (const part of fragment.replace(/^#/, "").split("&")) {
    const [name, ...rest] = part.split("=");
    try {
      found.set(name, decodeURIComponent(rest.join("=")));
    } catch {
      return null; // cut off within a character
    }
  }
  if (!found.get("text")) return null;
  return { text: found.get("text"), grouping: found.get("grouping") || null };
}
