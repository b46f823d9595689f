/**
 * Emotions as bars with their thresholds marked: those that hold first, the others on demand.
 */

import { el, setShare } from "./dom.js";
import { percent } from "./numbers.js";

/** Bars of what does not hold that are shown where nothing does. */
const NEAREST = 3;

/** The list of bars. */
export class Bars {
  #rows = new Map();
  #showAll = false;

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.list
   * @param {HTMLButtonElement} parts.more The button that shows all.
   * @param {(name: string) => void} parts.onChoose
   */
  constructor({ list, more, onChoose }) {
    Object.assign(this, { list, more, onChoose });
    more.addEventListener("click", () => {
      this.#showAll = !this.#showAll;
      this.draw(this.drawn);
    });
  }

  /**
   * Show an answer.
   *
   * @param {object} shown
   * @param {import("./vocabulary.js").Entry[]} shown.entries
   * @param {object} shown.result One of the API's, with probabilities.
   * @param {string} shown.chosen
   */
  draw(shown) {
    this.drawn = shown;
    const { entries, result, chosen } = shown;
    const held = new Set(result.labels.map((one) => one.label));
    const probability = (entry) => result.probabilities[entry.name];
    const rank = new Map(result.labels.map((one, place) => [one.label, place]));
    const sorted = [...entries].sort(
      (a, b) =>
        (rank.get(a.name) ?? Infinity) - (rank.get(b.name) ?? Infinity) ||
        probability(b) - probability(a),
    );
    const least = held.size || Math.min(NEAREST, entries.length);
    const visible = sorted.filter(
      (entry, place) => this.#showAll || place < least || entry.name === chosen,
    );
    const rows = visible.map((entry) =>
      this.#row(entry, probability(entry), held.has(entry.name), entry.name === chosen),
    );
    this.#place(rows);
    const others = entries.length - least;
    this.more.hidden = others <= 0;
    this.more.setAttribute("aria-expanded", String(this.#showAll));
    this.more.textContent = this.#showAll ? "Show fewer" : `Show all ${entries.length}`;
  }

  #row(entry, probability, holds, isChosen) {
    let row = this.#rows.get(entry.name);
    if (row === undefined) {
      row = this.#newRow(entry.name);
      this.#rows.set(entry.name, row);
    }
    const { item, button, figure, verdict } = row;
    item.className = `bar tone-${entry.tone}${holds ? "" : " faint"}`;
    button.setAttribute("aria-pressed", String(isChosen));
    figure.textContent = percent(probability);
    const bound = percent(entry.threshold);
    verdict.textContent = `, ${holds ? "given" : "not given"}: its threshold is ${bound}`;
    button.title = `${entry.name}: ${percent(probability)}; given from ${bound} on`;
    setShare(item, "--share", probability);
    setShare(item, "--threshold", entry.threshold);
    return item;
  }

  #newRow(name) {
    const figure = el("span", { class: "figure" });
    const verdict = el("span", { class: "hidden" });
    const track = el(
      "span",
      { class: "track", "aria-hidden": "true" },
      el("span", { class: "fill" }),
      el("span", { class: "threshold" }),
    );
    const button = el(
      "button",
      { type: "button", on: { click: () => this.onChoose(name) } },
      el("span", { class: "name" }, name),
      track,
      figure,
      verdict,
    );
    return { item: el("li", {}, button), button, figure, verdict };
  }

  /** Put rows into the list, moving none that is in its place: what has the focus keeps it. */
  #place(rows) {
    const focused = document.activeElement;
    const wanted = new Set(rows);
    for (const child of [...this.list.children]) if (!wanted.has(child)) child.remove();
    rows.forEach((row, place) => {
      const there = this.list.children[place];
      if (there !== row) this.list.insertBefore(row, there ?? null);
    });
    if (focused !== document.activeElement && this.list.contains(focused)) focused.focus();
  }
}
