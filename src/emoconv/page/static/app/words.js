/**
 * The words of a text, tinted by what they give to an emotion; a word shows its phrases.
 */

import { el, roving } from "./dom.js";
import { signed } from "./numbers.js";
import { CodePoints } from "./offsets.js";
import { tintLevels } from "./tones.js";

/** Characters of the longest text of which every word is an element. */
export const MOST_CHARACTERS = 30_000;

/** Phrases of a word that are shown. */
const PHRASES = 6;

/** The text, word by word. */
export class Words {
  #spans = [];
  #explanation = null;
  #pinned = null; // the word that a click or the keyboard chose

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.text Where the words go.
   * @param {HTMLElement} parts.details Where the phrases of one go.
   */
  constructor({ text, details }) {
    Object.assign(this, { text, details });
    const spanOf = (event) => event.target.closest?.(".word");
    text.addEventListener("pointerover", (event) => {
      const span = spanOf(event);
      if (span) this.#show(this.#spans.indexOf(span));
    });
    text.addEventListener("pointerleave", () => this.#show(this.#pinned));
    text.addEventListener("focusin", (event) => {
      const span = spanOf(event);
      if (span) this.#pin(this.#spans.indexOf(span));
    });
    text.addEventListener("click", (event) => spanOf(event)?.focus());
    text.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.#pin(null);
    });
    roving(text, () => this.#spans);
  }

  /**
   * Show a text.
   *
   * @param {string} text
   * @param {object} explanation Of one label, as the API gives it.
   * @param {string} tone Of the label.
   */
  draw(text, explanation, tone) {
    const hadFocus = this.text.contains(document.activeElement);
    const place = hadFocus ? this.#spans.indexOf(document.activeElement) : 0;
    this.#explanation = explanation;
    this.text.className = `words tone-${tone}`;
    const points = new CodePoints(text);
    const levels = tintLevels(explanation.words);
    const pieces = [];
    let end = 0;
    this.#spans = explanation.words.map((word, number) => {
      pieces.push(points.slice(end, word.start));
      const span = wordSpan(points.slice(word.start, word.end), word, levels[number], explanation);
      pieces.push(span);
      end = word.end;
      return span;
    });
    pieces.push(points.slice(end, points.length));
    this.text.replaceChildren(...pieces);
    const current = this.#spans[Math.min(place, this.#spans.length - 1)];
    if (current) current.tabIndex = 0;
    this.#pinned = null;
    if (hadFocus && current) current.focus();
    else this.#show(null);
  }

  /**
   * Mark the words of a phrase.
   *
   * @param {{start: number, end: number} | null} phrase In code points; null for none.
   */
  mark(phrase) {
    this.#explanation?.words.forEach((word, number) => {
      const inside = phrase !== null && word.start < phrase.end && word.end > phrase.start;
      this.#spans[number].classList.toggle("marked", inside);
    });
  }

  #pin(number) {
    this.#pinned = number;
    this.#show(number);
  }

  #show(number) {
    this.#spans.forEach((span, place) => span.classList.toggle("current", place === number));
    this.mark(null);
    if (number === null || number < 0) {
      const hint = "Point at a word, or move through the words with the arrow keys, to see its phrases.";
      this.details.replaceChildren(el("p", { class: "quiet" }, hint));
      return;
    }
    const word = this.#explanation.words[number];
    const phrases = this.#explanation.phrases.filter(
      ({ start, end }) => start < word.end && end > word.start,
    );
    this.details.replaceChildren(
      el(
        "p",
        {},
        el("b", { class: "quoted" }, word.text),
        ` gives ${signed(word.share)} to ${this.#explanation.label}`,
        phrases.length ? ", as a part of:" : ".",
      ),
      el(
        "ul",
        { class: "phrases" },
        ...phrases.slice(0, PHRASES).map((phrase) => this.#phrase(phrase)),
        ...(phrases.length > PHRASES
          ? [el("li", { class: "quiet" }, `and ${phrases.length - PHRASES} that give less`)]
          : []),
      ),
    );
  }

  #phrase(phrase) {
    const mark = (which) => () => this.mark(which);
    return el(
      "li",
      { on: { pointerenter: mark(phrase), pointerleave: mark(null) } },
      el("span", { class: "quoted" }, phrase.text),
      " ",
      el("b", { class: phrase.share < 0 ? "against" : "for" }, signed(phrase.share)),
    );
  }
}

function wordSpan(text, word, level, { label }) {
  const side = level === 0 ? "" : level > 0 ? " for" : " against";
  return el(
    "span",
    {
      class: `word${side}`,
      "data-level": Math.abs(level),
      role: "button",
      tabindex: "-1",
      "aria-label": `${text}: ${signed(word.share)} for ${label}`,
      "aria-describedby": "word-details",
    },
    text,
  );
}
