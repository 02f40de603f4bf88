/** Cloudflare's recipe of the documentation, word by word, in Cloudflare's runtime. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { embedText, SentenceEncoder } from "@x/models-nlp";
import { cosine } from "@x/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleWorkerd } from "../src/runner/bundle.ts";
import { startWorkerd, workerdCommand } from "../src/runner/workerd.ts";

const root = join(import.meta.dirname, "../../..");
const model = join(root, "packages/models-nlp/golden/sentence_distilbert");
const command = workerdCommand();
let folder: string;

/** What wrangler binds as `MODELS`: an object for each file. */
const bound = `import recipe from "./recipe.js";
export default {
  fetch: (request, { files }) => recipe.fetch(request, { MODELS: { get: (name) => files.fetch(\`http://files/\${name}\`) } }),
};
`;

beforeAll(async () => {
  folder = await mkdtemp(join(import.meta.dirname, "workerd-")); // here, so that the packages are found
  const page = await readFile(join(root, "apps/docs/pages/recipes/elsewhere.md"), "utf8");
  const [, recipe = ""] = /```js\n([^]*?)```/.exec(page) ?? [];
  await writeFile(join(folder, "recipe.js"), recipe);
  await writeFile(join(folder, "bound.js"), bound);
});
afterAll(() => rm(folder, { recursive: true }));

test.skipIf(command === undefined)("embeds what it is asked, in eight bits", { timeout: 240_000 }, async () => {
  await bundleWorkerd(join(folder, "bound.js"), join(folder, "dist"), ["@x/source"]);
  await using worker = await startWorkerd(command ?? "", await readFile(join(folder, "dist/bound.js"), "utf8"), { files: model });
  const texts = ["The whale is old.", "A kettle boils."];
  const response = await worker.fetch({ method: "POST", body: JSON.stringify({ inputs: texts }) });
  const vectors = (await response.json()) as number[][];
  using encoder = await SentenceEncoder.fromPretrained(model, { dtype: "int8" });
  const expected = await embedText(encoder, texts);
  expect(vectors).toHaveLength(2);
  for (const [i, vector] of vectors.entries()) expect(cosine(vector, expected[i] ?? [])).toBeGreaterThan(0.9999);
});
