/**
 * Groups of labels: Ekman's six emotions and neutral, and sentiment.
 *
 * Google's `ekman_mapping.json` and `sentiment_mapping.json`; in Python `emoconv.labels`.
 */

const EKMAN = {
  anger: ["anger", "annoyance", "disapproval"],
  disgust: ["disgust"],
  fear: ["fear", "nervousness"],
  joy: [
    ...["joy", "amusement", "approval", "excitement", "gratitude", "love", "optimism", "relief"],
    ...["pride", "admiration", "desire", "caring"],
  ],
  sadness: ["sadness", "disappointment", "embarrassment", "grief", "remorse"],
  surprise: ["surprise", "realization", "confusion", "curiosity"],
  neutral: ["neutral"],
};

export const SENTIMENT = {
  positive: [
    ...["amusement", "excitement", "joy", "love", "desire", "optimism", "caring", "pride"],
    ...["admiration", "gratitude", "relief", "approval"],
  ],
  negative: [
    ...["fear", "nervousness", "remorse", "embarrassment", "disappointment", "sadness", "grief"],
    ...["disgust", "anger", "annoyance", "disapproval"],
  ],
  ambiguous: ["realization", "surprise", "curiosity", "confusion"],
  neutral: ["neutral"],
};

/**
 * @typedef {object} Grouping
 * @property {string[]} names G of them.
 * @property {string[][]} members The labels of each.
 * @property {Float32Array} cuts (G,), the mean of the cuts of each group's labels.
 * @property {(own: Float32Array) => Float32Array} probabilities From those of the labels, (L,), to
 *   those of the groups, (G,).
 */

/**
 * Return the groupings whose labels a model has, by their names.
 *
 * @param {string[]} labels The model's L labels.
 * @param {Float32Array} cuts (L,).
 * @returns {Map<string, Grouping>}
 */
export function groupingsOf(labels, cuts) {
  const known = Object.entries({ ekman: EKMAN, sentiment: SENTIMENT });
  const fitting = known.filter(([, groups]) =>
    Object.values(groups).flat().every((member) => labels.includes(member)),
  );
  return new Map(fitting.map(([name, groups]) => [name, grouping(groups, labels, cuts)]));
}

function grouping(groups, labels, cuts) {
  const columns = Object.values(groups).map((members) => members.map((m) => labels.indexOf(m)));
  const mean = (places) => places.reduce((sum, place) => sum + cuts[place], 0) / places.length;
  return {
    names: Object.keys(groups),
    members: Object.values(groups),
    cuts: Float32Array.from(columns, mean),
    probabilities: (own) => Float32Array.from(columns, (places) => anyOf(own, places)),
  };
}

/**
 * Return the probability that any of some labels holds, if they are independent: the noisy or of
 * Pearl 1988, "Probabilistic Reasoning in Intelligent Systems", section 4.3.2. In 32 bits.
 */
function anyOf(own, places) {
  const { fround } = Math;
  let found = 0;
  for (const place of places) {
    found = fround(found + fround(own[place] * fround(1 - found)));
  }
  return found;
}
