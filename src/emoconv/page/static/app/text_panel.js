/**
 * The panel of one text: what is typed, what was found in it, and why.
 */

import { actions } from "./actions.js";
import { announce } from "./announcing.js";
import { Bars } from "./bars.js";
import { byId, el } from "./dom.js";
import { EXAMPLES } from "./examples.js";
import { Explaining } from "./explaining.js";
import { counted, listed, percent, plural } from "./numbers.js";
import { countCodePoints, wellFormed } from "./offsets.js";
import { Latest, patiently } from "./patience.js";
import { asSentence, hideProblem, showProblem } from "./problems.js";
import { overLimit, read } from "./reading.js";
import { LONG_SENTENCES, Sentences } from "./sentences.js";
import { sharedIn } from "./share.js";

const TYPING_MS = 250;
const SLOW_TYPING_MS = 700; // a long text is not sent with every word
const LONG_CHARACTERS = 4000;

/** The panel. */
export class TextPanel {
  #whole = null; // the reading of the text
  #part = null; // the number and the reading of the sentence that is looked at
  #chosen = null; // the name of the label or group that words are tinted for
  #grouping = null;
  #queue = Promise.resolve();

  /**
   * @param {object} parts
   * @param {import("./backend.js").Backend} parts.backend
   * @param {import("./vocabulary.js").Vocabulary} parts.vocabulary
   * @param {(grouping: string | null) => void} parts.onGrouping Told what a link wants.
   */
  constructor({ backend, vocabulary, onGrouping }) {
    Object.assign(this, { backend, vocabulary, onGrouping });
    this.field = byId("text");
    this.problem = byId("text-problem");
    this.detect = (request) => this.#inTurn(request);
    this.latest = new Latest(({ text, grouping }) => read(text, grouping, this.detect), {
      onAnswer: (reading) => this.#answered(reading),
      onError: (error) => this.#failed(error),
      onWait: (seconds) => this.#wait(seconds),
    });
    this.bars = new Bars({
      list: byId("bars"),
      more: byId("bars-more"),
      onChoose: (name) => this.#choose(name),
    });
    this.explaining = new Explaining({
      vocabulary,
      detect: this.detect,
      onError: (error) => this.#failed(error),
    });
    this.sentences = new Sentences({
      card: byId("sentences"),
      results: byId("results"),
      column: byId("emotions-column"),
      strip: byId("strip"),
      summary: byId("sentences-summary"),
      list: byId("sentence-list"),
      more: byId("sentences-more"),
      onChoose: (number) => this.#chooseSentence(number),
    });
    this.#listen();
    actions({
      backend,
      shared: () => ({ text: this.field.value, grouping: this.#grouping }),
      reading: () => this.#reading(),
    });
    this.#readFragment();
    this.#changed(0);
  }

  /** Answer in another grouping. */
  group(grouping) {
    this.#grouping = grouping;
    this.#forgetLink();
    this.#changed(0);
  }

  #listen() {
    this.field.addEventListener("input", () => {
      this.#forgetLink();
      const isLong = this.field.value.length > LONG_CHARACTERS;
      this.#changed(isLong ? SLOW_TYPING_MS : TYPING_MS);
    });
    byId("clear").addEventListener("click", () => {
      this.#fill("");
      this.field.focus();
    });
    byId("whole").addEventListener("click", () => this.#leaveSentence());
    byId("examples").append(
      ...EXAMPLES.map(({ title, text }) => {
        const on = { click: () => this.#fill(text) };
        return el("button", { type: "button", class: "chip", title: text, on }, title);
      }),
    );
    window.addEventListener("hashchange", () => {
      if (this.#readFragment()) this.#changed(0);
    });
  }

  #fill(text) {
    this.field.value = text;
    this.#forgetLink();
    this.#changed(0);
  }

  #readFragment() {
    const shared = sharedIn(location.hash);
    if (shared === null) return false;
    this.field.value = shared.text;
    const known = this.vocabulary.groupings.includes(shared.grouping);
    this.#grouping = known ? shared.grouping : null;
    this.onGrouping(this.#grouping);
    return true;
  }

  /** The address names a text only as long as it is this one. */
  #forgetLink() {
    if (sharedIn(location.hash) === null) return;
    history.replaceState(null, "", location.pathname + location.search);
  }

  #changed(delayMs) {
    const text = wellFormed(this.field.value);
    hideProblem(this.problem);
    byId("text-wait").hidden = true;
    const count = countCodePoints(text);
    byId("count").textContent = count ? plural(count, "character") : "";
    byId("clear").hidden = count === 0;
    const over = overLimit(text, this.vocabulary.model.limits);
    if (text.trim() === "" || over) {
      this.latest.cancel();
      this.#empty();
      if (over) {
        const most = counted(over.most);
        const message = `The text has ${counted(over.found)} characters; this server takes ${most}.`;
        showProblem(this.problem, message);
      }
      return;
    }
    byId("results").setAttribute("aria-busy", "true");
    this.latest.ask({ text, grouping: this.#grouping }, delayMs);
  }

  #empty() {
    this.#whole = this.#part = null;
    byId("results").hidden = true;
    byId("actions").hidden = true;
    announce(byId("announcement"), "");
  }

  #answered(reading) {
    this.#whole = reading;
    this.#part = null;
    this.#show(reading);
    this.sentences.draw(reading.result, this.toneOf);
    byId("results").hidden = false;
    byId("actions").hidden = false;
  }

  toneOf = (name) => this.vocabulary.entry(this.#reading().grouping, name).tone;

  #reading() {
    return this.#part?.reading ?? this.#whole;
  }

  #show(reading) {
    hideProblem(this.problem);
    byId("text-wait").hidden = true;
    byId("results").setAttribute("aria-busy", "false");
    this.#chosen = reading.strongest();
    const isLong = (reading.result.sentences?.length ?? 0) >= LONG_SENTENCES;
    byId("long-note").hidden = !isLong;
    byId("scope").hidden = this.#part === null && !isLong;
    byId("whole").hidden = this.#part === null;
    byId("scope-title").textContent = this.#scopeTitle();
    this.#headline(reading.result);
    this.#redraw();
  }

  #headline({ labels, sure, confidence }) {
    const names = labels.map(({ label }) =>
      el("span", { class: `found tone-${this.toneOf(label)}` }, label),
    );
    let text = "";
    if (!sure) {
      const least = percent(this.vocabulary.model.min_confidence);
      text = `Not sure: the highest is ${percent(confidence)}, and nothing is said below ${least}.`;
    } else if (labels.length === 0) {
      text = "Nothing reaches its threshold. Nearest come:";
    }
    byId("headline").replaceChildren(...(names.length ? names : [el("span", {}, text)]));
    const found = labels.map(({ label, probability }) => `${label} ${percent(probability)}`);
    announce(byId("announcement"), text || `Found: ${listed(found)}`);
  }

  #scopeTitle() {
    if (this.#part === null) return "The whole text";
    const all = counted(this.#whole.result.sentences.length);
    return `Sentence ${counted(this.#part.number + 1)} of ${all}`;
  }

  #choose(name) {
    this.#chosen = name;
    this.#redraw();
  }

  #redraw() {
    const { grouping, result } = this.#reading();
    this.bars.draw({
      entries: this.vocabulary.entries(grouping),
      result,
      chosen: this.#chosen,
    });
    this.explaining.show(this.#reading(), this.vocabulary.entry(grouping, this.#chosen));
  }

  async #chooseSentence(number) {
    const whole = this.#whole;
    const { text } = whole.result.sentences[number];
    const isCurrent = () => whole === this.#whole && number === this.sentences.chosen;
    this.sentences.mark(number);
    try {
      const reading = await patiently(() => read(text, whole.grouping, this.detect));
      if (!isCurrent()) return;
      this.#part = { number, reading };
      this.#show(reading);
      byId("scope").scrollIntoView({ block: "nearest" });
    } catch (error) {
      if (isCurrent()) this.#failed(error);
    }
  }

  #leaveSentence() {
    const { number } = this.#part;
    this.#part = null;
    this.#show(this.#whole);
    this.sentences.mark(null);
    this.sentences.focus(number);
  }

  #failed(error) {
    byId("text-wait").hidden = true;
    byId("results").setAttribute("aria-busy", "false");
    const action = { title: "Try again", run: () => this.#changed(0) };
    showProblem(this.problem, asSentence(error.message), action);
  }

  /** Count down where it is seen; it is said once. */
  #wait(seconds) {
    const note = byId("text-wait");
    const message = `The server is busy; asking again in ${plural(seconds, "second")}.`;
    if (note.hidden) announce(byId("announcement"), message);
    note.textContent = message;
    note.hidden = false;
  }

  /** Ask when what was asked before has been answered. */
  #inTurn(request) {
    const answer = this.#queue.then(() => this.backend.detect(request));
    this.#queue = answer.catch(() => {});
    return answer;
  }
}
