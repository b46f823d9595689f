/**
 * How long the page's engine takes, in whatever runs this: Node or a browser.
 */

const ROUNDS = 5;
const LATENCIES = 1000;

/** Return the value in the middle of some. */
function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Return the milliseconds that a piece of work takes. */
async function milliseconds(work) {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/**
 * Measure.
 *
 * @param {object} parts
 * @param {typeof import("../src/emoconv/page/static/engine/detector.js").Detector} parts.Detector
 * @param {import("../src/emoconv/page/static/engine/files.js").Read} parts.read Of files in memory.
 * @param {string[]} parts.texts
 * @returns {Promise<object>} Medians of five rounds; the model is loaded anew for each.
 */
export async function measure({ Detector, read, texts }) {
  const rounds = [];
  const words = new Set();
  for (let round = 0; round < ROUNDS; round++) {
    let detector;
    const load = await milliseconds(async () => {
      detector = await Detector.load(read);
    });
    const first = await milliseconds(() => detector.detect({ text: "Thank you so much!" }));
    const fresh = await milliseconds(() => detector.predictProba(texts));
    const known = await milliseconds(() => detector.predictProba(texts));
    const encode = await milliseconds(() => texts.forEach((text) => detector.encode(text)));
    for (const text of texts) for (const id of detector.encode(text).ids) words.add(id);
    const some = texts.slice(0, LATENCIES);
    const explain = await milliseconds(() => {
      for (const text of some) detector.detect({ text, explain: true, probabilities: true });
    });
    rounds.push({ load, first, fresh, known, encode, explain: explain / some.length });
  }
  const of = (name) => median(rounds.map((round) => round[name]));
  return {
    load_ms: of("load"),
    first_answer_ms: of("first"),
    texts: texts.length,
    distinct_words: words.size,
    texts_per_second_new_words: (1000 * texts.length) / of("fresh"),
    texts_per_second_known_words: (1000 * texts.length) / of("known"),
    ms_per_new_word: (of("fresh") - of("known")) / words.size,
    ms_per_text_encoding: of("encode") / texts.length,
    ms_per_text_explained: of("explain"),
  };
}
