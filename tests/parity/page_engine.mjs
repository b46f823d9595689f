/**
 * The page's engine in Node, asked by a test: a JSON object on each line of standard input, its
 * answer on a line of standard output.
 *
 * Run:  node page_engine.mjs ENGINE_FOLDER CHARACTERS_JSON
 */

import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [folder, charactersFile] = process.argv.slice(2);
const part = (name) => import(new URL(`${name}.js`, pathToFileURL(`${folder}/`)));

const { Detector } = await part("detector");
const { Characters } = await part("characters");
const { codePoints } = await part("codepoints");
const { Scan } = await part("scan");
const { SentenceFinder } = await part("sentences");
const tokenizers = await part("tokenizer");
const letters = await part("letters");
const halves = await part("halves");
const rounding = await part("rounding");
const { Sha256 } = await part("sha256");

const characters = new Characters(JSON.parse(await readFile(charactersFile, "utf8")));
const scan = new Scan(characters);
const sentences = new SentenceFinder(characters);
const detectors = new Map();

const base64 = (array) =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("base64");
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));

const METHODS = {
  async load({ model, remembered }) {
    const read = (name) => readFile(name === "characters.json" ? charactersFile : `${model}/${name}`);
    detectors.set(model, await Detector.load(read, { remembered }));
    return detectors.get(model).model();
  },
  tokens({ rich, texts }) {
    return texts.map((text) => {
      scan.load(codePoints(text));
      const tokens = rich ? tokenizers.tokenizeRich(scan) : tokenizers.tokenizePlain(scan);
      return tokens.map(({ text: token, start, end }) => [token, start, end]);
    });
  },
  seconds({ unit, count, end }) {
    const started = performance.now();
    const points = codePoints(unit.repeat(count) + end);
    scan.load(points);
    tokenizers.tokenizeRich(scan);
    tokenizers.tokenizePlain(scan);
    sentences.find(points);
    return (performance.now() - started) / 1000;
  },
  sentences: ({ texts }) => texts.map((text) => sentences.find(codePoints(text))),
  ids: ({ model, texts }) => texts.map((text) => [...detectors.get(model).encode(text).ids]),
  probabilities: ({ model, texts }) => base64(detectors.get(model).predictProba(texts)),
  detect: ({ model, request }) => detectors.get(model).detect(request),
  characters() {
    const codes = Int32Array.from({ length: 0x110000 }, (_, code) => code);
    const of = (method) => base64(codes.map((code) => characters[method](code)));
    return { folded: of("folded"), lowered: of("lowered") };
  },
  letters: () =>
    Object.fromEntries(["upper", "lower", "numerals"].map((name) => [name, [...letters[name]]])),
  fromHalves: ({ data }) => base64(halves.fromHalves(new Uint16Array(bytes(data).buffer))),
  toHalves({ data }) {
    const numbers = new Float32Array(bytes(data).buffer);
    const found = new Uint16Array(numbers.length);
    halves.toHalves(numbers, found);
    return base64(found);
  },
  round: ({ numbers, digits }) => numbers.map((number) => rounding.round(number, digits)),
  sha256({ pieces }) {
    const hash = new Sha256();
    for (const piece of pieces) hash.update(bytes(piece));
    return hash.digest();
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { method, ...values } = JSON.parse(line);
  let answer;
  try {
    answer = { value: await METHODS[method](values) };
  } catch (error) {
    answer = { error: { ...error, name: error.name, message: error.message } };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
