/**
 * What is said where something goes wrong: one line, and a button if there is something to do.
 */

import { el } from "./dom.js";

/**
 * Show a problem in its place.
 *
 * @param {HTMLElement} place An alert.
 * @param {string} message
 * @param {{title: string, run: () => void}} [action]
 */
export function showProblem(place, message, action) {
  const children = [el("span", {}, message)];
  if (action) {
    const onClick = () => {
      hideProblem(place);
      action.run();
    };
    const attributes = { type: "button", class: "plain", on: { click: onClick } };
    children.push(el("button", attributes, action.title));
  }
  place.replaceChildren(...children);
  place.hidden = false;
}

/**
 * Take a problem away.
 *
 * @param {HTMLElement} place
 */
export function hideProblem(place) {
  place.hidden = true;
  place.replaceChildren();
}

/**
 * Return a message that begins with a capital and ends with a stop.
 *
 * @param {string} message
 * @returns {string}
 */
export function asSentence(message) {
  const first = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?”]$/.test(first) ? first : `${first}.`;
}
