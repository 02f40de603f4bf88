/** What a real sentence encoder loses in int8: how far embeddings move, whether neighbours stay, and whether likenesses keep their order. See ../README.md. */
import { readFile } from "node:fs/promises";
import { embedText, SentenceEncoder } from "@x/models-nlp";
import { spearman } from "@x/train";
import { cosine } from "./cosine.ts";

const [where] = process.argv.slice(2);
if (where === undefined) {
  console.error("usage: npm run example -- sentence-similarity/int8 <folder with all-MiniLM-L6-v2>");
  process.exit(2);
}
const sentences = JSON.parse(await readFile(new URL("../golden/sentences.json", import.meta.url), "utf8")) as string[];
const [whole, small] = [await embedded("float32"), await embedded("int8")];

const kept = whole.map((embedding, i) => cosine(embedding, small[i] ?? embedding)).sort((a, b) => a - b);
const [likenesses, inInt8] = [likenessesOf(whole), likenessesOf(small)];
const nearest = likenesses.filter((row, i) => row.indexOf(Math.max(...row)) === inInt8[i]?.indexOf(Math.max(...(inInt8[i] ?? [])))).length;
const pairs = likenesses.flatMap((row, i) => row.slice(0, i).map((likeness, j) => [likeness, inInt8[i]?.[j] ?? 0] as const));
const order = spearman(
  pairs.map(([likeness]) => likeness),
  pairs.map(([, likeness]) => likeness),
);
console.log(`cosine with the float32 embedding: median ${at(0.5)}, least ${at(0)}, of ${sentences.length} texts`);
console.log(`the nearest neighbour stays for ${((100 * nearest) / sentences.length).toFixed(1)} %`);
console.log(`Spearman's correlation of the likenesses of all ${pairs.length} pairs: ${order.toFixed(4)}`);

async function embedded(dtype: "float32" | "int8"): Promise<Float32Array[]> {
  using model = await SentenceEncoder.fromPretrained(where ?? "", { dtype });
  return await embedText(model, sentences, { truncation: "longestFirst" });
}

/** Each text's with every other; itself counts as least. */
function likenessesOf(embeddings: readonly Float32Array[]): number[][] {
  return embeddings.map((one, i) => embeddings.map((other, j) => (i === j ? -1 : cosine(one, other))));
}

function at(share: number): string {
  return (kept[Math.floor(share * (kept.length - 1))] ?? 0).toFixed(4);
}
