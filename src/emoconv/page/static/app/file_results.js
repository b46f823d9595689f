/**
 * What was found in a file: in how many rows each emotion holds, as bars and as a table, and rows
 * to look at.
 */

import { byId, el, setShare } from "./dom.js";
import { counted, percent, plural } from "./numbers.js";

/** Rows that are shown of each emotion. */
const ROWS = 12;

const NONE = Symbol("rows without an emotion");

/** The results of one file. */
export class FileResults {
  #scored = null;
  #texts = [];
  #numbers = [];

  /** @param {{toneOf: (name: string) => string}} parts */
  constructor({ toneOf }) {
    this.toneOf = toneOf;
    for (const radio of document.querySelectorAll("input[name=view]")) {
      radio.addEventListener("change", () => this.#view(radio.value));
    }
  }

  /**
   * Show results.
   *
   * @param {import("./scoring.js").Scored} scored
   * @param {string[]} texts
   * @param {number[]} numbers Of their rows in the file.
   */
  draw(scored, texts, numbers) {
    this.#scored = scored;
    this.#texts = texts;
    this.#numbers = numbers;
    const { counts, none, answered } = scored.summary();
    byId("done-title").textContent = `Emotions in ${plural(answered, "row")}`;
    const found = counts.filter(({ count }) => count > 0);
    const most = Math.max(1, none, ...counts.map(({ count }) => count));
    const bars = found.map(({ name, count }) =>
      this.#bar(name, name, this.toneOf(name), count, { most, answered }),
    );
    if (none > 0) bars.push(this.#bar("no emotion", NONE, "none", none, { most, answered }));
    byId("chart").replaceChildren(...bars);
    const rows = [...counts, { name: "no emotion", count: none }].map(({ name, count }) =>
      el(
        "tr",
        {},
        el("th", { scope: "row" }, name),
        el("td", { class: "figure" }, counted(count)),
        el("td", { class: "figure" }, percent(answered ? count / answered : 0)),
      ),
    );
    byId("counts").replaceChildren(...rows);
    this.#choose(found[0]?.name ?? NONE);
  }

  #bar(title, key, tone, count, { most, answered }) {
    const track = el(
      "span",
      { class: "track", "aria-hidden": "true" },
      el("span", { class: "fill" }),
    );
    setShare(track, "--share", count / most);
    const button = el(
      "button",
      { type: "button", "aria-pressed": "false", on: { click: () => this.#choose(key) } },
      el("span", { class: "name" }, title),
      track,
      el("span", { class: "figure" }, counted(count)),
      el("span", { class: "figure quiet" }, percent(count / answered)),
    );
    button.shows = key;
    return el("li", { class: `bar tone-${tone}` }, button);
  }

  #view(view) {
    byId("chart").hidden = view !== "chart";
    byId("counts-table").hidden = view !== "table";
  }

  #choose(key) {
    for (const button of byId("chart").querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.shows === key));
    }
    const { labels } = this.#scored;
    const places = [];
    for (let place = 0; place < labels.length && places.length < ROWS; place += 1) {
      const held = labels[place];
      const wanted = held !== null && (key === NONE ? held.length === 0 : held.includes(key));
      if (wanted) places.push(place);
    }
    const what = key === NONE ? "no emotion" : key;
    byId("rows-title").textContent = `First rows with ${what}`;
    byId("rows").replaceChildren(...places.map((place) => this.#row(place)));
  }

  #row(place) {
    const tags = this.#scored.labels[place].map((name) =>
      el("span", { class: `tag tone-${this.toneOf(name)}` }, name),
    );
    return el(
      "li",
      {},
      el("span", { class: "number" }, `row ${counted(this.#numbers[place])}`),
      el("span", { class: "sentence" }, this.#texts[place].slice(0, 300)),
      el("span", { class: "tags" }, ...tags),
    );
  }
}
