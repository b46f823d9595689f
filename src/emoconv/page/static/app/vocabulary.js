/**
 * What the model can answer: its labels, and its groupings in their place.
 */

const TONES = ["positive", "negative", "ambiguous", "neutral"];

/**
 * @typedef {object} Entry
 * @property {string} name Of a label or a group.
 * @property {number} threshold
 * @property {"positive" | "negative" | "ambiguous" | "neutral"} tone Which hue it has.
 * @property {string[]} members The labels it is made of; itself, if it is a label.
 */

/** The labels and groups of a model. */
export class Vocabulary {
  /** @param {object} model What GET /v1/model gives. */
  constructor(model) {
    this.model = model;
    this.groupings = Object.keys(model.groupings);
    // As src/emoconv/explanation/tones.py: green for a label of no known sentiment.
    this.labels = model.labels.map(({ name, threshold, sentiment }) => ({
      name,
      threshold,
      tone: TONES.includes(sentiment) ? sentiment : "positive",
      members: [name],
    }));
    const tones = new Map(this.labels.map(({ name, tone }) => [name, tone]));
    this.groups = Object.fromEntries(
      Object.entries(model.groupings).map(([grouping, groups]) => [
        grouping,
        groups.map((group) => ({ ...group, tone: commonest(group.members, tones) })),
      ]),
    );
  }

  /**
   * Return what stands for labels.
   *
   * @param {string | null} grouping
   * @returns {Entry[]} In the model's order.
   */
  entries(grouping) {
    return grouping === null ? this.labels : this.groups[grouping];
  }

  /**
   * Return one of them.
   *
   * @param {string | null} grouping
   * @param {string} name
   * @returns {Entry}
   */
  entry(grouping, name) {
    return this.entries(grouping).find((entry) => entry.name === name);
  }

  /**
   * Return what a grouping is called on buttons.
   *
   * @param {string | null} grouping
   * @returns {string}
   */
  title(grouping) {
    if (grouping === null) return `${this.labels.length} emotions`;
    return grouping.charAt(0).toUpperCase() + grouping.slice(1);
  }
}

function commonest(members, tones) {
  const counts = new Map();
  for (const member of members) {
    const tone = tones.get(member);
    counts.set(tone, (counts.get(tone) ?? 0) + 1);
  }
  const most = Math.max(...counts.values());
  return [...counts.keys()].find((tone) => counts.get(tone) === most);
}
