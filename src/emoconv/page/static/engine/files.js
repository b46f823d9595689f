/** The files of a model, read and decoded, with one clear error where that fails. */

import { BundleError } from "./errors.js";

/** @typedef {(name: string) => Promise<ArrayBuffer | Uint8Array>} Read */

/**
 * Read a file.
 *
 * @param {Read} read Gives the content of a file by its name.
 * @param {string} name
 * @returns {Promise<Uint8Array>}
 * @throws {BundleError} It cannot be read.
 */
export async function readFile(read, name) {
  let content;
  try {
    content = await read(name);
  } catch (error) {
    throw new BundleError(`${name}: cannot be read (${error.message}); the model is not whole`);
  }
  return content instanceof Uint8Array ? content : new Uint8Array(content);
}

/**
 * Return the text of a file.
 *
 * @param {string} name
 * @param {Uint8Array} content
 * @returns {string}
 * @throws {BundleError} It is not UTF-8.
 */
export function decoded(name, content) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    throw new BundleError(`${name}: not UTF-8; copy the model again`);
  }
}

/**
 * Return what a file of JSON holds.
 *
 * @param {string} name
 * @param {Uint8Array} content
 * @param {(text: string) => unknown} [parse]
 * @returns {any}
 * @throws {BundleError} It is no JSON.
 */
export function parsed(name, content, parse = JSON.parse) {
  const text = decoded(name, content);
  try {
    return parse(text);
  } catch {
    throw new BundleError(`${name}: not JSON; copy the model again`);
  }
}
