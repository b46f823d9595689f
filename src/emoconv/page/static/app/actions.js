/**
 * What can be taken away from an answer: a link, the JSON, a command for a shell.
 */

import { copy } from "./clipboard.js";
import { curlCommand } from "./curl.js";
import { byId } from "./dom.js";
import { counted } from "./numbers.js";
import { fragmentOf } from "./share.js";

/** Characters of a link that some programs for mail and chat cut off. */
const LONG_LINK = 8000;

const SHOWN_MS = 2500;

/**
 * Make the buttons work.
 *
 * @param {object} about
 * @param {import("./backend.js").Backend} about.backend
 * @param {() => {text: string, grouping: string | null}} about.shared What a link holds.
 * @param {() => import("./reading.js").Reading | null} about.reading What is shown.
 */
export function actions({ backend, shared, reading }) {
  button("share", async () => {
    const fragment = fragmentOf(shared());
    history.replaceState(null, "", fragment);
    const worked = await copy(location.href);
    if (!worked) return "Copy it from the address bar";
    const { length } = location.href;
    return length > LONG_LINK ? `Copied: ${counted(length)} characters, a long link` : "Copied";
  });
  button("copy-json", async () => {
    const worked = await copy(`${JSON.stringify(reading().answer, null, 2)}\n`);
    return worked ? "Copied" : "The browser does not allow it";
  });
  byId("copy-curl").hidden = backend.mode !== "server";
  button("copy-curl", async () => {
    const { detectUrl, hasKey } = backend;
    const command = curlCommand(detectUrl, reading().request, { withKey: hasKey });
    return (await copy(command)) ? "Copied" : "The browser does not allow it";
  });
}

function button(id, run) {
  const element = byId(id);
  const title = element.textContent;
  let timer = 0;
  element.addEventListener("click", async () => {
    const outcome = await run();
    element.textContent = outcome;
    byId("announcement").textContent = outcome;
    clearTimeout(timer);
    timer = setTimeout(() => {
      element.textContent = title;
    }, SHOWN_MS);
  });
}
