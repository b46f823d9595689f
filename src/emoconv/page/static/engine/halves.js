/** Numbers of 16 bits, IEEE 754's binary16, which JavaScript has no array for. */

const INFINITE = 0x7c00;

/** @type {Float32Array | undefined} (65536,), what each half is; made when it is first wanted. */
let table;

function values() {
  if (!table) {
    table = Float32Array.from({ length: 1 << 16 }, (_, half) => {
      const sign = half & 0x8000 ? -1 : 1;
      const exponent = (half >> 10) & 31;
      const fraction = half & 1023;
      if (exponent === 31) return fraction ? NaN : sign * Infinity;
      return sign * (exponent ? (1024 + fraction) * 2 ** (exponent - 25) : fraction * 2 ** -24);
    });
  }
  return table;
}

/**
 * Return halves as numbers.
 *
 * @param {Uint16Array} halves
 * @returns {Float32Array} Of the same length, the same numbers.
 */
export function fromHalves(halves) {
  const known = values();
  const numbers = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) numbers[i] = known[halves[i]];
  return numbers;
}

/**
 * Write the nearest halves of numbers, of two as near the even one, as IEEE 754 rounds.
 *
 * @param {Float32Array} numbers None of them NaN.
 * @param {Uint16Array} halves Of the same length; the result.
 */
export function toHalves(numbers, halves) {
  const bits = new Int32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  for (let i = 0; i < bits.length; i++) {
    const sign = (bits[i] >>> 16) & 0x8000;
    const size = bits[i] & 0x7fffffff;
    let half = 0;
    if (size >= 0x47800000) {
      half = INFINITE; // 65536 and above
    } else if (size < 0x38800000) {
      half = subnormal(Math.abs(numbers[i])); // below 2**-14
    } else {
      half = (size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13; // may carry to infinity
    }
    halves[i] = sign | half;
  }
}

/** Return the half of a number below 2**-14, a multiple of 2**-24. */
function subnormal(size) {
  const scaled = size * 2 ** 24;
  const below = Math.floor(scaled);
  const rest = scaled - below;
  return rest > 0.5 || (rest === 0.5 && below & 1) ? below + 1 : below;
}
