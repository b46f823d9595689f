/**
 * Reading weights.safetensors.
 *
 * Eight bytes with the length of a header, the header in JSON, the numbers of all tensors:
 * https://huggingface.co/docs/safetensors. Numbers are little-endian, as they are in every browser.
 */

import { BundleError } from "./errors.js";
import { fromHalves } from "./halves.js";

const ARRAYS = { I8: Int8Array, F16: Uint16Array, F32: Float32Array };
const HEADER = 8;

/**
 * @typedef {object} Tensor
 * @property {"I8" | "F16" | "F32"} dtype
 * @property {number[]} shape
 * @property {Int8Array | Uint16Array | Float32Array} data Its numbers, rows contiguous; of F16 the
 *   bits.
 */

const wrong = (what) => new BundleError(`weights.safetensors: ${what}; copy the model again`);

/**
 * Read all tensors of a file.
 *
 * @param {Uint8Array} bytes
 * @returns {Map<string, Tensor>} By their names.
 * @throws {BundleError} It is no such file, or cut short, or of other types of numbers.
 */
export function readTensors(bytes) {
  const [header, start] = readHeader(bytes);
  const tensors = new Map();
  for (const [name, value] of Object.entries(header)) {
    if (name !== "__metadata__") tensors.set(name, readTensor(bytes, start, name, value));
  }
  return tensors;
}

/** Return the header and where the numbers begin. */
function readHeader(bytes) {
  if (bytes.length < HEADER) throw wrong(`${bytes.length} bytes are no file of tensors`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const start = HEADER + Number(view.getBigUint64(0, true));
  if (start > bytes.length) throw wrong("is cut short in its header, or no file of tensors");
  let header = null;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(HEADER, start)));
  } catch {
    // said below
  }
  if (typeof header !== "object" || header === null) throw wrong("its header is no JSON object");
  return [header, start];
}

function readTensor(bytes, start, name, value) {
  const { dtype, shape, data_offsets: offsets } = value ?? {};
  const Numbers = ARRAYS[dtype];
  if (!Numbers) {
    const known = Object.keys(ARRAYS).join(", ");
    throw wrong(`tensor ${name} is of type ${dtype}; expected one of ${known}`);
  }
  if (!isCounts(shape) || !isCounts(offsets)) throw wrong(`tensor ${name} has no shape or place`);
  const count = shape.reduce((product, size) => product * size, 1);
  const [first, last] = offsets;
  if (last - first !== count * Numbers.BYTES_PER_ELEMENT || start + last > bytes.length) {
    throw wrong(`tensor ${name} is cut short`);
  }
  const content = bytes.subarray(start + first, start + last);
  const isAligned = content.byteOffset % Numbers.BYTES_PER_ELEMENT === 0;
  const { buffer, byteOffset } = isAligned ? content : new Uint8Array(content); // a copy
  return { dtype, shape, data: new Numbers(buffer, byteOffset, count) };
}

const isCounts = (value) =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);

/**
 * Return a tensor's numbers.
 *
 * @param {Tensor} tensor Of type F16 or F32.
 * @returns {Float32Array}
 */
export function numbersOf({ dtype, data }) {
  return dtype === "F16" ? fromHalves(data) : data;
}
