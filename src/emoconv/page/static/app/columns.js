/**
 * Which column of a table holds texts, and what the new ones are called.
 */

const LIKELY = [
  "text", "body", "comment", "comments", "message", "content", "review", "post", "tweet",
  "sentence", "comment_text", "review_text", "full_text", "description", "feedback", "answer",
  "response", "title",
];

const LOOKED_AT = 200;

/**
 * Return the number of the column that most likely holds texts.
 *
 * A column of a name that is usual for texts, if there is more in it than numbers; or else the one
 * with most letters and spaces in its first rows.
 *
 * @param {{header: string[], rows: string[][]}} table
 * @returns {number}
 */
export function guessTextColumn({ header, rows }) {
  const first = rows.slice(0, LOOKED_AT);
  const weights = header.map((_, column) =>
    first.reduce((sum, row) => sum + textWeight(row[column]), 0),
  );
  const names = header.map((name) => name.trim().toLowerCase());
  for (const name of LIKELY) {
    const column = names.indexOf(name);
    if (column >= 0 && weights[column] > 0) return column;
  }
  return weights.indexOf(Math.max(...weights));
}

function textWeight(value) {
  if (!/\p{L}/u.test(value)) return 0;
  const words = value.split(/\s+/u).length;
  return Math.min(value.length, 1000) * (words > 1 ? 2 : 1);
}

/**
 * Return the names of the columns that scoring adds, those that `emoconv score` gives them.
 *
 * @param {string[]} header The names that are taken.
 * @param {string[]} labels
 * @param {{probabilities: boolean}} options
 * @returns {string[]} With a prefix where a name is taken.
 */
export function addedNames(header, labels, { probabilities }) {
  const names = ["labels", "top_label", "confidence"];
  if (probabilities) names.push(...labels.map((label) => `probability_${label}`));
  const taken = new Set(header);
  for (let prefix = ""; ; prefix = `emoconv_${prefix}`) {
    const prefixed = names.map((name) => prefix + name);
    if (!prefixed.some((name) => taken.has(name))) return prefixed;
  }
}
