/**
 * Numbers for people.
 */

const GROUPED = new Intl.NumberFormat("en-GB");

/**
 * Return a probability as a percentage that never says 0 or 100 of what is neither.
 *
 * @param {number} probability In [0, 1].
 * @returns {string}
 */
export function percent(probability) {
  if (probability > 0 && probability < 0.005) return "<1%";
  if (probability < 1 && probability >= 0.995) return ">99%";
  return `${Math.round(100 * probability)}%`;
}

/**
 * Return a share of a logit with its sign, as `emoconv explain` prints it, with a true minus.
 *
 * @param {number} share
 * @returns {string}
 */
export function signed(share) {
  const shown = Math.abs(share) >= 0.005 ? share : 0;
  return `${shown < 0 ? "\u2212" : "+"}${Math.abs(shown).toFixed(2)}`;
}

/**
 * Return a count with its thousands apart.
 *
 * @param {number} count
 * @returns {string}
 */
export function counted(count) {
  return GROUPED.format(count);
}

/**
 * Return a count and what is counted: "1 row", "1,200 rows".
 *
 * @param {number} count
 * @param {string} one The word for one of them.
 * @param {string} [many] The word for several.
 * @returns {string}
 */
export function plural(count, one, many = `${one}s`) {
  return `${counted(count)} ${count === 1 ? one : many}`;
}

/**
 * Return bytes in megabytes, of one decimal.
 *
 * @param {number} bytes
 * @returns {string}
 */
export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/**
 * Return names in a row: "a", "a and b", "a, b and c".
 *
 * @param {string[]} names
 * @returns {string}
 */
export function listed(names) {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;
}
