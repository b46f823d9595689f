/**
 * Why an emotion was found: its words, its sum, and for a group the labels that it comes from.
 */

import { byId, el } from "./dom.js";
import { percent } from "./numbers.js";
import { patiently } from "./patience.js";
import { drawWhy } from "./why.js";
import { MOST_CHARACTERS, Words } from "./words.js";

/** Labels of a group that are offered, the strongest. */
const MEMBERS = 5;

/** The card of words and reasons. */
export class Explaining {
  #shown = null; // what the user looks at: a reading, a name in it, a label behind that

  /**
   * @param {object} parts
   * @param {import("./vocabulary.js").Vocabulary} parts.vocabulary
   * @param {(request: object) => Promise<object>} parts.detect
   * @param {(error: Error) => void} parts.onError
   */
  constructor({ vocabulary, detect, onError }) {
    Object.assign(this, { vocabulary, detect, onError });
    this.words = new Words({ text: byId("words"), details: byId("word-details") });
  }

  /**
   * Explain a label or a group.
   *
   * @param {import("./reading.js").Reading} reading
   * @param {import("./vocabulary.js").Entry} entry
   * @param {string} [label] Of a group, the one that is explained; the strongest by default.
   */
  async show(reading, entry, label = reading.strongestMember(entry.members)) {
    const wanted = { reading, entry, label };
    this.#shown = wanted;
    try {
      // What is there already is drawn at once, in the same frame as the bars.
      const explanation =
        reading.known(label) ?? (await patiently(() => reading.explanation(label, this.detect)));
      if (wanted === this.#shown) this.#draw(wanted, explanation);
    } catch (error) {
      if (wanted === this.#shown) this.onError(error);
    }
  }

  #draw({ reading, entry, label }, explanation) {
    const { tone, threshold } = this.vocabulary.entry(null, label);
    byId("why-title").textContent = `Why ${label}?`;
    byId("tinted-for").textContent = label;
    byId("legend").className = `legend tone-${tone}`;
    const isShort = reading.text.length <= MOST_CHARACTERS;
    byId("words-too-many").hidden = isShort;
    byId("words-shown").hidden = !isShort;
    if (isShort) this.words.draw(reading.text, explanation, tone);
    const onPoint = (phrase) => isShort && this.words.mark(phrase);
    const { sure } = reading.result;
    drawWhy(byId("why"), explanation, { tone, threshold, sure, onPoint });
    this.#drawMembers(reading, entry, label);
  }

  #drawMembers(reading, entry, label) {
    const place = byId("members");
    const { members, name: group } = entry;
    place.hidden = members.length === 1 && members[0] === group;
    if (place.hidden) return;
    const { probabilities } = reading.own;
    const sorted = [...members].sort((a, b) => probabilities[b] - probabilities[a]);
    const chips = sorted.slice(0, MEMBERS).map((name) => {
      const on = { click: () => this.show(reading, entry, name) };
      const pressed = String(name === label);
      const attributes = { type: "button", class: "chip", "aria-pressed": pressed, on };
      return el("button", attributes, `${name} ${percent(probabilities[name])}`);
    });
    const focused = [...place.querySelectorAll("button")].indexOf(document.activeElement);
    const sentence =
      members.length === 1
        ? `${group} is the label:`
        : `${group} is any of ${members.length} labels, of which these are the strongest here:`;
    place.replaceChildren(el("span", {}, sentence), ...chips);
    if (focused >= 0) chips[focused]?.focus();
  }
}
