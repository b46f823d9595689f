/**
 * A long text by sentence: how its emotions run down it, and each sentence with its own.
 */

import { el } from "./dom.js";
import { counted, percent, plural } from "./numbers.js";
import { drawStrip } from "./strip.js";

/** Sentences that are listed at once. */
const STEP = 50;

/** From so many sentences on they come first: what holds in the whole text says less. */
export const LONG_SENTENCES = 4;

/** The card of sentences. */
export class Sentences {
  #result = null;
  chosen = null; // the number of the sentence that is looked at

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.card
   * @param {HTMLElement} parts.results Where the card stands first if the text is long.
   * @param {HTMLElement} parts.column Where it stands last if it is not.
   * @param {HTMLElement} parts.strip
   * @param {HTMLElement} parts.summary
   * @param {HTMLElement} parts.list
   * @param {HTMLButtonElement} parts.more
   * @param {(number: number) => void} parts.onChoose
   */
  constructor(parts) {
    Object.assign(this, parts);
    this.more.addEventListener("click", () => {
      const next = this.list.children.length;
      this.#grow(next + STEP);
      this.list.children[next].querySelector("button").focus();
    });
  }

  /**
   * Show an answer by sentence; one of less than two sentences shows nothing.
   *
   * @param {object} result
   * @param {(name: string) => string} toneOf
   */
  draw(result, toneOf) {
    const sentences = result.sentences ?? [];
    this.card.hidden = sentences.length < 2;
    if (this.card.hidden) return;
    const isLong = sentences.length >= LONG_SENTENCES;
    this.card.classList.toggle("wide", isLong);
    if (isLong) this.results.prepend(this.card);
    else this.column.append(this.card);
    Object.assign(this, { toneOf });
    this.#result = result;
    this.chosen = null;
    this.summary.textContent = summaryOf(result);
    drawStrip(this.strip, result, { toneOf, onChoose: this.onChoose });
    this.list.replaceChildren();
    this.#grow(STEP);
  }

  /**
   * Mark the sentence that is looked at.
   *
   * @param {number | null} number
   */
  mark(number) {
    this.#button(this.chosen)?.setAttribute("aria-pressed", "false");
    if (number !== null) this.#grow(number + 1);
    this.#button(number)?.setAttribute("aria-pressed", "true");
    this.chosen = number;
  }

  /** Give the focus to a sentence. */
  focus(number) {
    this.#button(number)?.focus();
  }

  #button(number) {
    return number === null ? null : this.list.children[number]?.querySelector("button");
  }

  #grow(count) {
    const { sentences } = this.#result;
    const rows = [];
    for (let n = this.list.children.length; n < Math.min(count, sentences.length); n += 1) {
      rows.push(this.#row(sentences[n], n));
    }
    this.list.append(...rows);
    const left = sentences.length - this.list.children.length;
    this.more.hidden = left === 0;
    this.more.textContent = `Show ${Math.min(left, STEP)} more of ${left}`;
  }

  #row(sentence, number) {
    const found = sentence.labels.map(({ label, probability }) =>
      el(
        "span",
        { class: `tag tone-${this.toneOf(label)}` },
        `${label} `,
        el("b", {}, percent(probability)),
      ),
    );
    const none = sentence.sure ? "no emotion" : "not sure";
    return el(
      "li",
      {},
      el(
        "button",
        { type: "button", "aria-pressed": "false", on: { click: () => this.onChoose(number) } },
        el("span", { class: "sentence" }, sentence.text),
        " ",
        el("span", { class: "tags" }, ...(found.length ? found : [el("span", { class: "quiet" }, none)])),
      ),
    );
  }
}

function summaryOf({ sentences, summary }) {
  const count = plural(sentences.length, "sentence");
  if (summary.length === 0) return `${count}, none with an emotion of its own.`;
  const [first] = summary;
  const often =
    first.sentences > 1 ? `, most often ${first.label} (in ${counted(first.sentences)})` : "";
  return `${count}${often}. Choose one to look at it alone.`;
}
