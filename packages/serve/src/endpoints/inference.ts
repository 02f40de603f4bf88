/** text-embeddings-inference's `POST /embed`, `/rerank` and `/predict`. */
import { aCount, aFlag, aText, type Body, someTexts } from "../body.ts";
import { HttpError } from "../http-error.ts";
import { modelFor, type TextPair } from "../served-model.ts";
import { normalized, numbers, shortened } from "../vectors.ts";
import type { Answering } from "./answering.ts";

export async function embed(body: Body, { models, signal, limits }: Answering): Promise<string> {
  const [truncate, normalize, dimensions] = [aFlag(body, "truncate", false), aFlag(body, "normalize", true), aCount(body, "dimensions")];
  const model = modelFor(models, "embed", body["model"]);
  const prompt = promptOf(body, model.prompts);
  const texts = someTexts(body, "inputs", limits.maxInputs).map((text) => prompt + text);
  const vectors = await model.embed.add(
    texts.map((input) => ({ input, truncate })),
    signal,
  );
  return `[${vectors
    .map((vector) => shortened(vector, dimensions))
    .map((vector) => numbers(normalize ? normalized(vector) : vector))
    .join(",")}]`;
}

function promptOf(body: Body, prompts: Readonly<Record<string, string>>): string {
  if (body["prompt_name"] === undefined || body["prompt_name"] === null) return "";
  const name = aText(body, "prompt_name");
  const prompt = Object.hasOwn(prompts, name) ? prompts[name] : undefined;
  if (prompt !== undefined) return prompt;
  throw new HttpError(422, "Validation", `\`prompt_name\` must be one of the model's: ${Object.keys(prompts).join(", ") || "it has none"}`);
}

export async function rerank(body: Body, { models, signal, limits }: Answering): Promise<string> {
  const query = aText(body, "query");
  const texts = someTexts(body, "texts", limits.maxInputs);
  const [truncate, raw, returnText] = [aFlag(body, "truncate", false), aFlag(body, "raw_scores", false), aFlag(body, "return_text", false)];
  const model = modelFor(models, "rerank", body["model"]);
  const logits = await model.rerank.add(
    texts.map((text) => ({ input: [query, text] as const, truncate })),
    signal,
  );
  const ranked = logits.map((score, index) => ({
    index,
    score: raw ? score : 1 / (1 + Math.exp(-score)),
    ...(returnText && { text: texts[index] }),
  }));
  return JSON.stringify(ranked.sort((a, b) => b.score - a.score));
}

/** One text or pair gives a list; a list of `[text]` or `[text, text]` a list for each. */
export async function predict(body: Body, { models, signal, limits }: Answering): Promise<string> {
  const { inputs } = body;
  const truncate = aFlag(body, "truncate", false);
  if (aFlag(body, "raw_scores", false))
    throw new HttpError(422, "Validation", "`raw_scores` must be false: probabilities are all there is");
  const isBatch = Array.isArray(inputs) && Array.isArray(inputs[0]);
  const wanted = isBatch ? (inputs as readonly unknown[]).map(textOrPair) : [textOrPair(inputs)];
  if (wanted.length > limits.maxInputs)
    throw new HttpError(413, "Validation", `\`inputs\` has ${wanted.length}, of ${limits.maxInputs} that may come together`);
  const model = modelFor(models, "predict", body["model"]);
  const found = await model.predict.add(
    wanted.map((input) => ({ input, truncate })),
    signal,
  );
  const told = found.map((list) => list.map(({ label, probability }) => ({ score: Number(probability.toPrecision(9)), label })));
  return JSON.stringify(isBatch ? told : told[0]);
}

function textOrPair(value: unknown): string | TextPair {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const [first, second, ...more] = list;
  if (more.length === 0 && typeof first === "string" && (second === undefined || typeof second === "string"))
    return second === undefined ? first : [first, second];
  throw new HttpError(422, "Validation", "`inputs` must be a text, two texts, or a list of lists of one or two texts");
}
