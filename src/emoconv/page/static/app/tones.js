/**
 * How strongly words are tinted, as src/emoconv/explanation/tones.py says.
 */

/** Strengths of a tint. */
export const LEVELS = 5;

/** The full tint stands for at least so much of a logit: a text that says little is pale. */
const LEAST_REACH = 1;

/**
 * Return how strongly each word is tinted, from -LEVELS, against, to LEVELS, for.
 *
 * @param {{share: number}[]} words
 * @returns {number[]}
 */
export function tintLevels(words) {
  const reach = words.reduce((most, { share }) => Math.max(most, Math.abs(share)), LEAST_REACH);
  return words.map(({ share }) => Math.round((LEVELS * share) / reach) || 0);
}
