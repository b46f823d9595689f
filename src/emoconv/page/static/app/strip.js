/**
 * How emotions run down a text: a row each, a column for every sentence.
 */

import { el, svg } from "./dom.js";
import { counted } from "./numbers.js";

/** Rows: the emotions that hold in most sentences. */
const ROWS = 6;

/** Columns at most; of a longer text several sentences share one, and the strongest is shown. */
const COLUMNS = 240;

/** Of fewer sentences the list says it all. */
const LEAST_SENTENCES = 4;

/** A probability below it leaves a cell empty. */
const LEAST = 0.05;

/**
 * Draw the strip.
 *
 * @param {HTMLElement} place
 * @param {object} result The API's about a text by sentence, with probabilities.
 * @param {object} about
 * @param {(name: string) => string} about.toneOf
 * @param {(sentence: number) => void} about.onChoose
 */
export function drawStrip(place, result, { toneOf, onChoose }) {
  const { sentences, summary } = result;
  const width = Math.min(sentences.length, COLUMNS);
  const columns = Array.from({ length: width }, (_, column) => ({
    first: Math.floor((column * sentences.length) / width),
    end: Math.floor(((column + 1) * sentences.length) / width),
  }));
  const rows = summary.slice(0, ROWS).map(({ label, sentences: count }) => {
    const cells = columns.map((column) => cellOf(label, sentences, column));
    return el(
      "li",
      { class: `run tone-${toneOf(label)}` },
      el("span", { class: "name" }, label),
      drawRow(cells, (column) => onChoose(columns[column].first)),
      el("span", { class: "figure" }, `${counted(count)} of ${counted(sentences.length)}`),
    );
  });
  place.style.setProperty("--columns", String(width));
  place.hidden = rows.length === 0 || sentences.length < LEAST_SENTENCES;
  place.replaceChildren(...rows);
}

function cellOf(label, sentences, { first, end }) {
  let [probability, holds] = [0, false];
  for (const sentence of sentences.slice(first, end)) {
    probability = Math.max(probability, sentence.probabilities[label]);
    holds ||= sentence.labels.some((one) => one.label === label);
  }
  return { probability, holds };
}

function drawRow(cells, onChoose) {
  const gap = cells.length > 60 ? 0 : 0.06;
  const shapes = cells.flatMap(({ probability, holds }, column) => {
    if (probability < LEAST) return [];
    const height = holds ? 1 : 0.4; // what holds is high, whatever its colour
    return [
      svg("rect", {
        x: column + gap,
        y: (1 - height) / 2,
        width: 1 - 2 * gap,
        height,
        "fill-opacity": (0.15 + 0.85 * probability).toFixed(2),
      }),
    ];
  });
  const drawing = svg(
    "svg",
    { viewBox: `0 0 ${cells.length} 1`, preserveAspectRatio: "none", "aria-hidden": "true" },
    ...shapes,
  );
  drawing.addEventListener("click", (event) => {
    const box = drawing.getBoundingClientRect();
    const column = Math.floor((cells.length * (event.clientX - box.left)) / box.width);
    onChoose(Math.min(cells.length - 1, Math.max(0, column)));
  });
  return drawing;
}
