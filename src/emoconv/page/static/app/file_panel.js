/**
 * The panel of a file: chosen, looked at, scored, and taken away as CSV.
 */

import { announce } from "./announcing.js";
import { addedNames, guessTextColumn } from "./columns.js";
import { byId, el } from "./dom.js";
import { FileResults } from "./file_results.js";
import { counted, plural } from "./numbers.js";
import { asSentence, hideProblem, showProblem } from "./problems.js";
import { scoreTexts, scoredCsv } from "./scoring.js";
import { readTable } from "./tables.js";

const PREVIEWED = 5;
const SAID_EVERY_MS = 5000;

/** The panel. */
export class FilePanel {
  #table = null;
  #scored = null;
  #grouping = null;
  #stop = null; // of what is under way

  /**
   * @param {object} parts
   * @param {import("./backend.js").Backend} parts.backend
   * @param {import("./vocabulary.js").Vocabulary} parts.vocabulary
   */
  constructor({ backend, vocabulary }) {
    Object.assign(this, { backend, vocabulary });
    this.input = byId("file");
    this.problem = byId("file-problem");
    this.results = new FileResults({
      toneOf: (name) => vocabulary.entry(this.#grouping, name).tone,
    });
    this.#listen();
    this.#show("choose");
  }

  /** Answer in another grouping, from now on. */
  group(grouping) {
    this.#forget();
    this.#grouping = grouping;
    if (this.#table) this.#ready();
  }

  #listen() {
    this.input.addEventListener("change", () => {
      const [file] = this.input.files;
      if (file) this.#read(file);
      this.input.value = ""; // so that the same file can be chosen again
    });
    this.#takeDrops();
    byId("other-file").addEventListener("click", () => this.input.click());
    byId("column").addEventListener("change", () => this.#ready());
    byId("score").addEventListener("click", () => this.#score());
    byId("stop").addEventListener("click", () => this.#stop?.abort(new Stopped()));
    byId("back").addEventListener("click", () => {
      this.#ready();
      byId("column").focus();
    });
    byId("download").addEventListener("click", () => this.#download());
  }

  /** Take files that are dropped anywhere; texts may be dropped into the text. */
  #takeDrops() {
    const take = (isOver, onFile) => (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      byId("drop").classList.toggle("over", isOver);
      onFile?.(event.dataTransfer.files[0]);
    };
    const onFile = (file) => {
      if (!file || this.#stop !== null) return;
      byId("tab-file").click();
      this.#read(file);
    };
    document.addEventListener("dragover", take(true));
    document.addEventListener("dragleave", take(false));
    document.addEventListener("drop", take(false, onFile));
  }

  /** Stop what is under way, and take no notice of how it ends. */
  #forget() {
    this.#stop?.abort(new Stopped());
    this.#stop = null;
  }

  async #read(file) {
    this.#forget();
    hideProblem(this.problem);
    this.#table = null;
    this.#show("choose");
    try {
      this.#table = await readTable(file);
      const { header } = this.#table;
      const column = byId("column");
      column.replaceChildren(
        ...header.map((name, place) => el("option", { value: place }, name || `column ${place + 1}`)),
      );
      column.value = String(guessTextColumn(this.#table));
      this.#ready();
      byId("score").focus();
    } catch (error) {
      showProblem(this.problem, `${file.name}: ${asSentence(error.message)}`);
    }
  }

  /** Show the table and wait for the user to begin. */
  #ready() {
    this.#scored = null;
    const { name, header, rows } = this.#table;
    byId("file-name").textContent = name;
    const size = `${plural(rows.length, "row")}, ${plural(header.length, "column")}`;
    byId("file-size").textContent = size;
    byId("stopped").hidden = true;
    byId("score").textContent = `Find emotions in ${plural(rows.length, "row")}`;
    const chosen = this.#column;
    const cell = (kind, place, value) =>
      el(kind, { class: place === chosen ? "chosen" : null }, value.slice(0, 200));
    byId("preview").replaceChildren(
      el("caption", { class: "hidden" }, "The first rows of the file"),
      el(
        "thead",
        {},
        el("tr", {}, ...header.map((value, place) => headCell(value, place === chosen))),
      ),
      el(
        "tbody",
        {},
        ...rows
          .slice(0, PREVIEWED)
          .map((row) => el("tr", {}, ...row.map((value, place) => cell("td", place, value)))),
      ),
    );
    this.#show("ready");
  }

  get #column() {
    return Number(byId("column").value);
  }

  async #score() {
    const stop = new AbortController();
    this.#stop = stop;
    hideProblem(this.problem);
    const column = this.#column;
    const texts = this.#table.rows.map((row) => row[column]);
    const started = performance.now();
    this.#progress(0, texts.length, started);
    this.#show("scoring");
    byId("stop").focus();
    try {
      this.#scored = await scoreTexts(
        (request, signal) => this.backend.detect(request, signal),
        texts,
        {
          names: this.vocabulary.entries(this.#grouping).map((entry) => entry.name),
          grouping: this.#grouping,
          limits: this.vocabulary.model.limits,
          signal: stop.signal,
          onProgress: (done) => this.#progress(done, texts.length, started),
          onWait: (seconds) => {
            const wait = plural(seconds, "second");
            byId("progress-note").textContent = `The server is busy; going on in ${wait}.`;
          },
        },
      );
      this.#finished(texts);
    } catch (error) {
      if (this.#stop !== stop) return;
      this.#show("ready");
      byId("stopped").hidden = !(error instanceof Stopped);
      if (error instanceof Stopped) this.#say(byId("stopped").textContent);
      else showProblem(this.problem, asSentence(error.message));
      byId("score").focus();
    } finally {
      if (this.#stop === stop) this.#stop = null;
    }
  }

  #progress(done, all, started) {
    const bar = byId("progress");
    bar.max = all;
    bar.value = done;
    const note = `${counted(done)} of ${plural(all, "row")}`;
    const seconds = (performance.now() - started) / 1000;
    const left = done ? Math.round((seconds * (all - done)) / done) : 0;
    byId("progress-note").textContent =
      left > 1 ? `${note}, about ${plural(left, "second")} left` : note;
    if (performance.now() - (this.saidAt ?? 0) > SAID_EVERY_MS) {
      this.saidAt = performance.now();
      this.#say(note);
    }
  }

  #finished(texts) {
    this.results.draw(this.#scored, texts, this.#table.numbers);
    byId("too-long").hidden = this.#scored.tooLong.length === 0;
    byId("too-long").textContent = this.#aboutLong(this.#scored.tooLong);
    this.#show("done");
    byId("done-title").focus();
    this.#say(`Done: ${plural(texts.length, "row")}.`);
  }

  #aboutLong(places) {
    const { characters } = this.vocabulary.model.limits;
    const rows = places.slice(0, 5).map((place) => counted(this.#table.numbers[place]));
    const more = places.length > 5 ? " …" : "";
    return (
      `${plural(places.length, "row has", "rows have")} a text that is too long for this server ` +
      `(up to ${counted(characters ?? 0)} characters) and no labels: row ${rows.join(", ")}${more}.`
    );
  }

  async #download() {
    const probabilities = byId("with-probabilities").checked;
    const { header, name } = this.#table;
    const added = addedNames(header, this.#scored.names, { probabilities });
    const blob = await scoredCsv(this.#table, this.#scored, { added, probabilities });
    const url = URL.createObjectURL(blob);
    const stem = name.replace(/\.[^.]*$/, "");
    el("a", { href: url, download: `${stem}.emotions.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }

  #show(step) {
    byId("drop").hidden = step !== "choose";
    byId("table-card").hidden = step === "choose";
    byId("ready").hidden = step !== "ready";
    byId("scoring").hidden = step !== "scoring";
    byId("done").hidden = step !== "done";
    this.input.disabled = step === "scoring";
  }

  #say(message) {
    announce(byId("announcement"), message);
  }
}

function headCell(name, isChosen) {
  return el("th", { scope: "col", class: isChosen ? "chosen" : null }, name);
}

/** The user wants no more of it. */
class Stopped extends Error {}
