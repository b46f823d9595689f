/**
 * Who answers: the server that the page came from, or an engine in this browser. Both are asked in
 * the words of the API.
 */

import { BrowserBackend } from "./browser.js";
import { ApiError, ServerBackend } from "./server.js";

/**
 * @typedef {object} Backend
 * @property {"server" | "browser"} mode
 * @property {() => Promise<object>} model What GET /v1/model gives.
 * @property {(request: object, signal?: AbortSignal) => Promise<object>} detect What POST
 *   /v1/detect gives.
 */

/**
 * Open what page.json names.
 *
 * @param {object} options
 * @param {(refused: boolean) => Promise<string | null>} options.askKey Asks the user for an API
 *   key; told whether the last one was refused.
 * @param {(loaded: number, total: number) => void} options.onLoading Told of bytes of the model.
 * @returns {Promise<Backend>}
 * @throws {ApiError} There is no page.json, or nothing is known of what it names.
 */
export async function openBackend({ askKey, onLoading }) {
  const base = document.baseURI;
  let page = null;
  try {
    const response = await fetch(new URL("page.json", base), { cache: "no-cache" });
    if (response.ok) page = await response.json();
  } catch {
    page = null; // said below
  }
  if (page?.mode === "server") return new ServerBackend(base, askKey);
  if (page?.mode === "browser") return BrowserBackend.open(page, base, onLoading);
  throw new ApiError({
    slug: "no-page-json",
    detail:
      "The file page.json is missing beside this page. Serve it with “emoconv serve”, or write " +
      "the whole folder with “emoconv page FOLDER”.",
  });
}
