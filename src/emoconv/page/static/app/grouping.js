/**
 * The choice between labels and their groupings.
 */

import { el } from "./dom.js";

/**
 * Fill a fieldset with a radio button for each choice.
 *
 * @param {HTMLFieldSetElement} fieldset
 * @param {import("./vocabulary.js").Vocabulary} vocabulary
 * @param {(grouping: string | null) => void} onChange
 * @returns {(grouping: string | null) => void} Chooses one without telling.
 */
export function groupingChoice(fieldset, vocabulary, onChange) {
  const choices = [null, ...vocabulary.groupings].map((grouping) => {
    const radio = el("input", {
      type: "radio",
      name: "grouping",
      value: grouping ?? "",
      on: { change: () => onChange(grouping) },
    });
    fieldset.append(el("label", {}, radio, el("span", {}, vocabulary.title(grouping))));
    return { grouping, radio };
  });
  choices[0].radio.checked = true;
  fieldset.hidden = choices.length < 2;
  return (wanted) => {
    for (const { grouping, radio } of choices) radio.checked = grouping === wanted;
  };
}
