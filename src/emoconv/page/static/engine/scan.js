/** A text in the form that the rules of the tokeniser read. */

const SPACE = 0x20;
const REPLACEMENT = 0xfffd;

/**
 * The characters of a text, with one more before it and one after it, both spaces.
 *
 * No rule matches across a space and each looks past a character only once that was no space, so no
 * rule asks where the text ends, and none reads outside. The arrays are used again for the next
 * text. A lone surrogate is read as U+FFFD, which is what UTF-8 would have of it.
 */
export class Scan {
  #characters;

  /** @param {import("./characters.js").Characters} characters */
  constructor(characters) {
    this.#characters = characters;
    /** Place of the space behind the text: its code points and one. */
    this.end = 1;
    this.#reserve(254);
  }

  /**
   * Read a text.
   *
   * @param {Int32Array} points Its code points.
   */
  load(points) {
    if (points.length + 2 > this.raw.length) this.#reserve(2 * points.length);
    const { raw, folded, lowered, kind } = this;
    const { rows, foldeds, shifts, kinds } = this.#characters;
    for (let i = 0; i < points.length; i++) {
      const point = points[i];
      const code = point >= 0xd800 && point <= 0xdfff ? REPLACEMENT : point;
      const row = rows[code];
      raw[i + 1] = code;
      folded[i + 1] = foldeds[row] < 0 ? code : foldeds[row];
      lowered[i + 1] = code + shifts[row];
      kind[i + 1] = kinds[row];
    }
    this.end = points.length + 1;
    raw[this.end] = folded[this.end] = lowered[this.end] = SPACE;
    kind[this.end] = kind[0];
  }

  /** Make room for so many characters. */
  #reserve(count) {
    /** @type {Int32Array} Code points, from place 1 on; so are the next three. */
    this.raw = new Int32Array(count + 2).fill(SPACE);
    /** @type {Int32Array} What stands for each. */
    this.folded = new Int32Array(count + 2).fill(SPACE);
    /** @type {Int32Array} Lower-case forms. */
    this.lowered = new Int32Array(count + 2).fill(SPACE);
    /** @type {Int32Array} Bits. */
    this.kind = new Int32Array(count + 2);
    this.kind[0] = this.#characters.kind(SPACE);
  }
}
