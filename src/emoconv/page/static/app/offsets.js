/**
 * Offsets: the API counts code points, JavaScript counts UTF-16 units.
 *
 * Knows strings and nothing of pages.
 */

/** A text that can be cut at offsets in code points. */
export class CodePoints {
  #units = null;

  /** @param {string} text Any text; a lone surrogate counts as one code point. */
  constructor(text) {
    this.text = text;
    this.length = text.length;
    if (!/[\ud800-\udbff][\udc00-\udfff]/.test(text)) return;
    const units = [];
    let unit = 0;
    for (const character of text) {
      units.push(unit);
      unit += character.length;
    }
    units.push(unit);
    this.#units = units;
    this.length = units.length - 1;
  }

  /**
   * Return where a code point begins in UTF-16 units.
   *
   * @param {number} offset In code points, up to the length.
   * @returns {number}
   */
  unit(offset) {
    return this.#units === null ? offset : this.#units[offset];
  }

  /**
   * Return a piece of the text.
   *
   * @param {number} start Of its first code point.
   * @param {number} end Behind its last.
   * @returns {string}
   */
  slice(start, end) {
    return this.text.slice(this.unit(start), this.unit(end));
  }
}

/**
 * Return a text as UTF-8 can hold it, as long as it was: halves of a character become U+FFFD.
 *
 * @param {string} text
 * @returns {string}
 */
export function wellFormed(text) {
  return text.replace(
    /[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g,
    (found) => (found.length === 2 ? found : "\ufffd"),
  );
}

/**
 * Return how many code points a text has.
 *
 * @param {string} text
 * @returns {number}
 */
export function countCodePoints(text) {
  let count = text.length;
  for (let unit = 0; unit + 1 < text.length; unit += 1) {
    const first = text.charCodeAt(unit);
    if (first < 0xd800 || first > 0xdbff) continue;
    const second = text.charCodeAt(unit + 1);
    if (second < 0xdc00 || second > 0xdfff) continue;
    count -= 1;
    unit += 1;
  }
  return count;
}
