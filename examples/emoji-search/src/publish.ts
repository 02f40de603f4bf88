/**
 * Puts a trained model into packages/clip-emoji, with embeddings of one vendor's drawings and of all names.
 *
 *     npm run example -- emoji-search/publish demo-output/clip-emoji
 */
import { copyFile, mkdir, readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { CLIP, zeroShot } from "@x/clip";
import { EmbeddingIndex } from "@x/search";
import { sentences } from "./captions.ts";
import { drawingsBy, indexDrawings } from "./drawings.ts";
import { readEmojiFile } from "./emoji-file.ts";

const root = new URL("../../../", import.meta.url);
const [from = fileURLToPath(new URL("demo-output/clip-emoji", root))] = process.argv.slice(2);
const to = fileURLToPath(new URL("packages/clip-emoji/model", root));
const file = await readEmojiFile(fileURLToPath(new URL("demo-output/emoji.bin.gz", root)));
const NOTO = 0; // Apache-2.0

await mkdir(to, { recursive: true });
for (const name of await readdir(from)) if (!name.includes("index")) await copyFile(`${from}/${name}`, `${to}/${name}`);
using model = await CLIP.fromPretrained(to);
const idOf = (emoji: number): string => `${file.emoji[emoji]?.character} ${file.emoji[emoji]?.label}`;

using pictures = await indexDrawings(model, drawingsBy(NOTO, file), idOf);
await pictures.save(`${to}/pictures.safetensors`);

const labels = file.emoji.map(({ label }) => label);
using named = await zeroShot(model, labels, { templates: sentences, batchSize: 256, truncation: "first" });
using names = new EmbeddingIndex();
names.add(named.embeddings, { ids: [...labels.keys()].map(idOf) });
await names.save(`${to}/names.safetensors`);
console.log(`${to}: ${pictures.size} drawings, ${names.size} names`);
