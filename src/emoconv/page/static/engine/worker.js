/**
 * A detector on a thread of its own.
 *
 * Takes messages `{id, method, ...}` and answers each with `{id, ok: true, value}` or
 * `{id, ok: false, error: {name, slug, detail, pointer}}`. The methods:
 *
 * - `load`, with `base`, the address of the model's folder, and `files`, the size of each of its
 *   files in bytes. Before its answer come messages `{id, progress: {loaded, total}}`, in bytes.
 * - `model`
 * - `detect`, with `request`.
 */

import { Detector } from "./detector.js";

/** @type {Detector | null} */
let detector = null;

/** Fetch a model's files, telling how much of it is there. */
async function load({ id, base, files }) {
  const total = Object.values(files).reduce((sum, bytes) => sum + bytes, 0);
  let loaded = 0;
  const read = async (name) => {
    const response = await fetch(new URL(name, base), { cache: "no-cache" });
    if (!response.ok) throw new Error(`the server says ${response.status}`);
    const parts = [];
    for (const reader = response.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      loaded += value.length;
      self.postMessage({ id, progress: { loaded, total } });
    }
    return new Uint8Array(await new Blob(parts).arrayBuffer());
  };
  detector = await Detector.load(read);
  return null;
}

const METHODS = {
  load,
  model: () => detector.model(),
  detect: ({ request }) => detector.detect(request),
};

self.onmessage = async ({ data }) => {
  const { id, method } = data;
  try {
    if (!Object.hasOwn(METHODS, method)) throw new Error(`no method ${method}`);
    if (detector === null && method !== "load") throw new Error("no model is loaded yet");
    self.postMessage({ id, ok: true, value: await METHODS[method](data) });
  } catch (error) {
    const { name, slug = "internal", detail = error.message, pointer = null } = error;
    self.postMessage({ id, ok: false, error: { name, slug, detail, pointer } });
  }
};
