/**
 * The engine in this browser as who answers: a worker that is asked by messages.
 */

import { ApiError } from "./server.js";

const WORKER = new URL("../engine/worker.js", import.meta.url);

/** Asks a worker. */
export class BrowserBackend {
  mode = "browser";
  #worker = new Worker(WORKER, { type: "module" });
  #waiting = new Map();
  #last = 0;

  constructor() {
    this.#worker.addEventListener("message", ({ data }) => this.#hear(data));
    this.#worker.addEventListener("error", () => this.#fail());
  }

  /**
   * Start the engine and load its model.
   *
   * @param {{model: string, files: Record<string, number>}} page What page.json says.
   * @param {string} base The page's own address.
   * @param {(loaded: number, total: number) => void} onLoading Told of bytes.
   * @returns {Promise<BrowserBackend>}
   */
  static async open(page, base, onLoading) {
    const backend = new BrowserBackend();
    const url = new URL(page.model, base).href;
    await backend.#ask("load", { base: url, files: page.files }, onLoading);
    return backend;
  }

  /** @returns {Promise<object>} */
  async model() {
    return this.#ask("model", {});
  }

  /**
   * @param {object} request
   * @param {AbortSignal} [signal] Looked at before and behind; a question under way is answered.
   * @returns {Promise<object>}
   */
  async detect(request, signal) {
    signal?.throwIfAborted();
    const answer = await this.#ask("detect", { request });
    signal?.throwIfAborted();
    return answer;
  }

  #ask(method, values, onProgress) {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, onProgress });
      this.#worker.postMessage({ id, method, ...values });
    });
  }

  #hear({ id, ok, value, error, progress }) {
    const asked = this.#waiting.get(id);
    if (asked === undefined) return; // other files may still come where one could not be loaded
    const { resolve, reject, onProgress } = asked;
    if (progress) {
      onProgress?.(progress.loaded, progress.total);
      return;
    }
    this.#waiting.delete(id);
    if (ok) resolve(value);
    else reject(new ApiError(error));
  }

  #fail() {
    const detail = "The engine could not start; reload the page, in a current browser.";
    for (const { reject } of this.#waiting.values()) {
      reject(new ApiError({ slug: "no-engine", detail }));
    }
    this.#waiting.clear();
  }
}
