/**
 * Texts as code points.
 *
 * JavaScript's strings are UTF-16; every offset that leaves this engine counts code points, as
 * Python does. A lone surrogate is a code point of its own.
 */

/**
 * Return the code points of a text.
 *
 * @param {string} text Of length n in UTF-16.
 * @returns {Int32Array} (code points,), no more than n.
 */
export function codePoints(text) {
  const points = new Int32Array(text.length);
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.codePointAt(i);
    if (code > 0xffff) i++;
    points[count++] = code;
  }
  return count === points.length ? points : points.slice(0, count);
}

/**
 * Return the text of some code points.
 *
 * @param {Int32Array} points Any, of any number.
 * @param {number} start The first.
 * @param {number} end After the last.
 * @returns {string}
 */
export function textOf(points, start, end) {
  let text = "";
  for (let i = start; i < end; i++) text += String.fromCodePoint(points[i]);
  return text;
}

/**
 * Return a function that cuts a text at code points.
 *
 * @param {string} text
 * @param {Int32Array} points Its code points.
 * @returns {(start: number, end: number) => string}
 */
export function cutter(text, points) {
  if (points.length === text.length) return (start, end) => text.slice(start, end);
  const places = new Int32Array(points.length + 1);
  for (let i = 0; i < points.length; i++) places[i + 1] = places[i] + (points[i] > 0xffff ? 2 : 1);
  return (start, end) => text.slice(places[start], places[end]);
}
