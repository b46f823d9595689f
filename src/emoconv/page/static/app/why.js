/**
 * Why: a bias and the shares of phrases add up to a logit, in plain words and as a table.
 */

import { el, setShare } from "./dom.js";
import { percent, signed } from "./numbers.js";

/** Phrases that have a line of their own. */
const LINES = 6;

/**
 * Draw an explanation.
 *
 * @param {HTMLElement} place
 * @param {object} explanation Of one label, as the API gives it.
 * @param {object} about
 * @param {string} about.tone Of the label.
 * @param {number} about.threshold Of the label.
 * @param {boolean} about.sure Whether the text has any label at all.
 * @param {(phrase: object | null) => void} about.onPoint Told of the phrase that is pointed at.
 */
export function drawWhy(place, explanation, { tone, threshold, sure, onPoint }) {
  const shown = explanation.phrases.slice(0, LINES);
  const rest = explanation.phrases
    .slice(LINES)
    .reduce((sum, phrase) => sum + phrase.share, explanation.others);
  const reach = Math.max(
    ...[explanation.bias, rest, ...shown.map((phrase) => phrase.share)].map(Math.abs),
    1,
  );
  const rows = [
    line("Where it starts", explanation.bias, { reach, isOwn: true }),
    ...shown.map((phrase) =>
      line(phrase.text, phrase.share, {
        reach,
        on: { pointerenter: () => onPoint(phrase), pointerleave: () => onPoint(null) },
      }),
    ),
  ];
  if (explanation.phrases.length > LINES || explanation.others !== 0) {
    rows.push(line("All other phrases", rest, { reach, isOwn: true }));
  }
  place.replaceChildren(
    el("p", {}, ...sentence(explanation, threshold, sure)),
    el(
      "table",
      { class: `sum tone-${tone}` },
      el("caption", { class: "hidden" }, `What adds up to ${explanation.label}`),
      el(
        "thead",
        { class: "hidden" },
        el("tr", {}, el("th", { scope: "col" }, "Phrase"), el("td"), head("Points")),
      ),
      el("tbody", {}, ...rows),
      el("tfoot", {}, ...totals(explanation)),
    ),
  );
}

function head(text) {
  return el("th", { scope: "col" }, text);
}

function sentence({ label, probability, logit, holds, phrases, exact }, threshold, sure) {
  const best = phrases.find((phrase) => phrase.share > 0);
  const worst = phrases.find((phrase) => phrase.share < 0);
  const given = sure ? "so the label is given" : "but the text as a whole is too unsure";
  const verdict = holds
    ? `That reaches its threshold of ${percent(threshold)}, ${given}.`
    : `That does not reach its threshold of ${percent(threshold)}, so the label is not given.`;
  const parts = [];
  if (best) parts.push(quoted(best), ` speaks most for it (${signed(best.share)})`);
  else parts.push("Nothing speaks for it");
  if (worst) parts.push(", ", quoted(worst), ` most against it (${signed(worst.share)})`);
  parts.push(`. All points add up to ${signed(logit)}, which is ${percent(probability)} for `);
  parts.push(el("b", {}, label), `. ${verdict}`);
  if (!exact) parts.push(" The points are an approximation: this model has a hidden layer.");
  return parts;
}

function quoted({ text }) {
  return el("b", { class: "quoted" }, text);
}

function line(name, share, { reach, isOwn = false, on = {} }) {
  const side = share < 0 ? "against" : "for";
  const bar = el("span", { class: `points ${side}` }, el("span", { class: "fill" }));
  setShare(bar, "--share", Math.abs(share) / reach);
  return el(
    "tr",
    { on },
    el("th", { scope: "row", class: isOwn ? "own" : "quoted" }, name),
    el("td", { class: "chart", "aria-hidden": "true" }, bar),
    el("td", { class: "figure" }, signed(share)),
  );
}

function totals({ logit, probability, exact }) {
  const row = (name, value) =>
    el(
      "tr",
      {},
      el("th", { scope: "row", colspan: 2 }, name),
      el("td", { class: "figure" }, value),
    );
  const sum = row(exact ? "Sum" : "Sum, approximated", signed(logit));
  return [sum, row("as a probability", percent(probability))];
}
