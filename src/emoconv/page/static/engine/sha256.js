/**
 * SHA-256, as FIPS 180-4 specifies it.
 *
 * Browsers have one too, but only on pages that came over HTTPS or from this machine.
 */

const ROUNDS = 64;
const BLOCK = 64;

/** Return the first primes. */
function primes(count) {
  const found = [];
  for (let n = 2; found.length < count; n++) if (found.every((p) => n % p)) found.push(n);
  return found;
}

/** Return the first 32 bits of a number's fractional part. */
const fraction = (x) => Math.floor((x - Math.floor(x)) * 2 ** 32) | 0;

// Sections 4.2.2 and 5.3.3: of the cube roots and of the square roots of the first primes.
const CONSTANTS = Int32Array.from(primes(ROUNDS), (prime) => fraction(Math.cbrt(prime)));
const BEGINNING = primes(8).map((prime) => fraction(Math.sqrt(prime)));

/** A hash of bytes that come in pieces. */
export class Sha256 {
  #state = Int32Array.from(BEGINNING);
  #words = new Int32Array(ROUNDS);
  #rest = new Uint8Array(BLOCK);
  #count = 0;

  /** @param {Uint8Array} bytes Of any number. @returns {Sha256} This one. */
  update(bytes) {
    let at = 0;
    const held = this.#count % BLOCK;
    this.#count += bytes.length;
    if (held) {
      at = Math.min(BLOCK - held, bytes.length);
      this.#rest.set(bytes.subarray(0, at), held);
      if (held + at < BLOCK) return this;
      this.#block(this.#rest, 0);
    }
    for (; at + BLOCK <= bytes.length; at += BLOCK) this.#block(bytes, at);
    this.#rest.set(bytes.subarray(at), 0);
    return this;
  }

  /** @returns {string} The hash in 64 hexadecimal digits; nothing can be added to it. */
  digest() {
    const held = this.#count % BLOCK;
    const end = new Uint8Array(held < BLOCK - 8 ? BLOCK - held : 2 * BLOCK - held);
    const view = new DataView(end.buffer);
    end[0] = 0x80;
    view.setUint32(end.length - 8, Math.floor((this.#count * 8) / 2 ** 32));
    view.setUint32(end.length - 4, this.#count * 8);
    this.update(end);
    return Array.from(this.#state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }

  /** Take in one block: section 6.2.2. */
  #block(bytes, at) {
    const words = this.#words;
    const state = this.#state;
    for (let i = 0; i < 16; i++, at += 4) {
      words[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    }
    for (let i = 16; i < ROUNDS; i++) {
      const x = words[i - 15];
      const y = words[i - 2];
      const first = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const second = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      words[i] = (words[i - 16] + first + words[i - 7] + second) | 0;
    }
    let a = state[0];
    let b = state[1];
    let c = state[2];
    let d = state[3];
    let e = state[4];
    let f = state[5];
    let g = state[6];
    let h = state[7];
    for (let i = 0; i < ROUNDS; i++) {
      const mixed = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const first = (h + mixed + ((e & f) ^ (~e & g)) + CONSTANTS[i] + words[i]) | 0;
      const other = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const second = (other + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + second) | 0;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
  }
}

/** @param {Uint8Array} bytes @returns {string} Their hash in 64 hexadecimal digits. */
export function sha256(bytes) {
  return new Sha256().update(bytes).digest();
}
