/**
 * What a character is to the tokenisers, drawn from `characters.json`.
 *
 * The table is frozen from Unicode 14.0.0, so that ids are the same in every browser. Its format is
 * told in `docs/reference/tokenizer.md`.
 */

/** Bits of a character; one of no class has none of the first five. */
export const LETTER = 1 << 0;
export const MARK = 1 << 1;
export const DIGIT = 1 << 2;
export const PICTURE = 1 << 3;
export const SYMBOL = 1 << 4;
/** It has a lower-case form. */
export const CAPITAL = 1 << 5;
/** One of `[A-Za-z0-9_]`. */
export const NAME = 1 << 6;
/** One of the symbols that an address may end in. */
export const URL_END = 1 << 7;
export const TAG = 1 << 8;
/** U+FE0E, U+FE0F or a skin tone. */
export const MODIFIER = 1 << 9;
/** It parts the tokens of the plain tokeniser. */
export const SEPARATOR = 1 << 10;
export const WORD = LETTER | MARK | DIGIT;
export const VISIBLE = WORD | PICTURE | SYMBOL;

/**
 * The rules that can begin with certain characters only, in their order: a bit for each, from
 * `FIRST_RULE` on, is set in the characters that it can begin with. *Word* has none: it takes the
 * letters and digits that the others leave.
 */
export const RULE_NAMES = [
  ...["url", "user", "subreddit", "placeholder", "shrug", "heart", "sideways", "mirrored"],
  ...["face", "flag", "keycap", "emoji", "number", "mood", "ellipsis", "symbol"],
];
export const FIRST_RULE = 11;
export const ANY_RULE = (1 << (FIRST_RULE + RULE_NAMES.length)) - (1 << FIRST_RULE);

/** @param {string} name @returns {number} The bit of a rule. */
export const ruleBit = (name) => 1 << (FIRST_RULE + RULE_NAMES.indexOf(name));

/** What ends the tokens of the Keras tokeniser, but for the space; see `tokenizer.md`. */
const KERAS_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n';
const APOSTROPHES = "'`\u00b4\u02bc\u2018\u2019\u201b\u2032\uff07";
const SPACE = 0x20;
const ITSELF = -1;
const CODES = 0x110000;

/** Signs that stand for classes, the same as in Python; which they are makes no difference. */
const SIGNS = {
  letter: [0xaa, LETTER],
  mark: [0x300, MARK],
  digit: [0x660, DIGIT | ruleBit("number")],
  emoji: [0x263a, PICTURE | ruleBit("emoji")],
  symbol: [ITSELF, SYMBOL | ruleBit("symbol")],
};
const FLAGS = [0x1f1e6, 0x1f1ff];
const SKIN = [0x1f3fb, 0x1f3ff];
const TAGS = [0xe0020, 0xe007f];

const codes = (text) => Array.from(text, (character) => character.codePointAt(0));
const range = ([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** The folded characters that a rule can begin with; *emoji* and *number* begin with a class. */
const BEGINNINGS = {
  url: codes("hHwW"),
  user: codes("@/u"),
  subreddit: codes("/r"),
  placeholder: codes("["),
  shrug: codes("¯"),
  heart: codes("<"),
  sideways: codes(":;="),
  mirrored: codes("()[]"),
  face: codes("^-<>;oO0tTuU"),
  flag: range(FLAGS),
  keycap: codes("0123456789#*"),
  mood: codes("!?"),
  ellipsis: codes(".…"),
};

/** What is looked up before the table: apostrophes, full-width marks, parts of emoji. */
const FIRST = new Map([
  ...codes(APOSTROPHES).map((code) => [code, 0x27]),
  [0xff01, 0x21],
  [0xff1f, 0x3f],
  ...[0x30c4, 0x200d, 0x20e3, 0xfe0e, 0xfe0f, ...range(TAGS)].map((code) => [code, code]),
]);

const within = (code, [first, last]) => first <= code && code <= last;

/** Return the bits of a character that are no matter of its class. */
function bitsOf(code, folded) {
  let bits = 0;
  for (const [rule, beginnings] of Object.entries(BEGINNINGS)) {
    if (beginnings.includes(folded)) bits |= ruleBit(rule);
  }
  const character = String.fromCodePoint(code);
  if (/^[A-Za-z0-9_]$/.test(character)) bits |= NAME;
  if ("/=&#_~%+-".includes(character)) bits |= URL_END;
  if (code === SPACE || KERAS_FILTERS.includes(character)) bits |= SEPARATOR;
  if (code === 0xfe0e || code === 0xfe0f || within(code, SKIN)) bits |= MODIFIER;
  if (within(code, TAGS)) bits |= TAG;
  return bits;
}

/** All that the tokenisers ask of a character. */
export class Characters {
  #numbers = new Map();
  #classes = [];

  /**
   * @param {Object<string, number[][]>} table What `characters.json` holds: under each class its
   *   ranges `[first, last]`; under `lower` the rows `[first, last, step, shift]`.
   */
  constructor(table) {
    /** @type {Uint8Array} (0x110000,), the row of each code point in the arrays below. */
    this.rows = new Uint8Array(CODES);
    this.#number(SPACE, 0, 0); // row 0: what is of no class
    for (const [name, [folded, kind]] of Object.entries(SIGNS)) {
      const row = this.#number(folded, 0, kind);
      for (const [first, last] of table[name]) this.rows.fill(row, first, last + 1);
    }
    this.#settleOneByOne();
    for (const [first, last, step, shift] of table.lower) {
      for (let code = first; code <= last; code += step) {
        const [folded, , kind] = this.#classes[this.rows[code]];
        this.rows[code] = this.#number(folded, shift, kind | CAPITAL);
      }
    }
    /** @type {Int32Array} What stands for a character; -1 for itself. */
    this.foldeds = Int32Array.from(this.#classes, ([folded]) => folded);
    /** @type {Int32Array} From a character to its lower-case form. */
    this.shifts = Int32Array.from(this.#classes, ([, shift]) => shift);
    /** @type {Int32Array} Its bits. */
    this.kinds = Int32Array.from(this.#classes, ([, , kind]) => kind);
  }

  /** @param {number} code A code point. @returns {number} Its bits. */
  kind(code) {
    return this.kinds[this.rows[code]];
  }

  /** @param {number} code A code point. @returns {number} What stands for it in folded text. */
  folded(code) {
    const folded = this.foldeds[this.rows[code]];
    return folded === ITSELF ? code : folded;
  }

  /** @param {number} code A code point. @returns {number} Its lower-case form, or itself. */
  lowered(code) {
    return code + this.shifts[this.rows[code]];
  }

  /** Return the row of a class, a new one if there is none like it. */
  #number(folded, shift, kind) {
    const key = `${folded} ${shift} ${kind}`;
    if (!this.#numbers.has(key)) {
      this.#numbers.set(key, this.#classes.length);
      this.#classes.push([folded, shift, kind]);
    }
    return this.#numbers.get(key);
  }

  /** Settle the characters whose class does not say all. */
  #settleOneByOne() {
    const own = [range([0, 127]), [...FIRST.keys()], Object.values(BEGINNINGS).flat(), range(SKIN)];
    for (const code of new Set(own.flat())) {
      let [folded, , kind] = this.#classes[this.rows[code]];
      if (FIRST.has(code)) {
        folded = FIRST.get(code) === code ? ITSELF : FIRST.get(code);
        if (folded !== ITSELF) kind = SYMBOL | ruleBit("symbol");
      } else if (kind && code < 128) {
        folded = ITSELF;
      }
      kind |= bitsOf(code, folded === ITSELF ? code : folded);
      this.rows[code] = this.#number(folded, 0, kind);
    }
  }
}
