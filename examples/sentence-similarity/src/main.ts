/** Embeds sentences with a real checkpoint, compares them with sentence-transformers', and searches them by meaning. See ../README.md. */
import { readFile } from "node:fs/promises";
import { float16ToFloat32 } from "@x/layers/model";
import { embedText, SentenceEncoder } from "@x/models-nlp";
import { cosine } from "./cosine.ts";

const [where] = process.argv.slice(2);
if (where === undefined) {
  console.error("usage: npm run example -- sentence-similarity <folder with all-MiniLM-L6-v2>");
  process.exit(2);
}
const golden = new URL("../golden/", import.meta.url);
const sentences = JSON.parse(await readFile(new URL("sentences.json", golden), "utf8")) as string[];
const model = await SentenceEncoder.fromPretrained(where);

const begin = performance.now();
const embeddings = await embedText(model, sentences, { truncation: "longestFirst" });
console.log(`${sentences.length} texts embedded in ${((performance.now() - begin) / 1000).toFixed(1)} s`);

const theirs = await readGolden(embeddings[0]?.length ?? 0);
const cosines = embeddings.map((embedding, i) => cosine(embedding, theirs[i] ?? embedding));
const lowest = Math.min(...cosines);
console.log(`lowest cosine with sentence-transformers' embedding: ${lowest.toFixed(9)}, text ${cosines.indexOf(lowest)}`);

const published = [0.666, 0.1046, 0.1411];
const [weather, sunny, stadium] = await embedText(model, [
  "The weather is lovely today.",
  "It's so sunny outside!",
  "He drove to the stadium.",
]);
if (weather && sunny && stadium) {
  const found = [cosine(weather, sunny), cosine(weather, stadium), cosine(sunny, stadium)];
  console.log(`the model's README: ${published.join(", ")}; found: ${found.map((value) => value.toFixed(4)).join(", ")}`);
  if (found.some((value, i) => Math.abs(value - (published[i] ?? 0)) > 1e-4)) process.exitCode = 1;
}

for (const query of ["a captain who lost his leg", "being afraid of the sea", "something to eat", "how large a whale is"]) {
  const asked = await embedText(model, query);
  const ranked = sentences
    .map((text, i) => ({ text, likeness: cosine(asked, embeddings[i] ?? asked) }))
    .sort((a, b) => b.likeness - a.likeness);
  console.log(`\n${query}`);
  for (const { text, likeness } of ranked.slice(0, 3))
    console.log(`  ${likeness.toFixed(3)}  ${text.length > 120 ? `${text.slice(0, 120)}…` : text}`);
}
if (theirs.length !== sentences.length || lowest < 0.999999) process.exitCode = 1;

/** The golden embeddings, of half precision, one after another. */
async function readGolden(width: number): Promise<Float32Array[]> {
  const bytes = new Uint8Array(await readFile(new URL("embeddings.f16", golden)));
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  const values = new Float32Array(halves.length);
  float16ToFloat32(halves, values, 0);
  return Array.from({ length: values.length / width }, (_, i) => values.subarray(i * width, (i + 1) * width));
}
