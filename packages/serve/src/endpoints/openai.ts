/** OpenAI's `POST /v1/embeddings` and `GET /v1/models`. */
import { aChoice, aCount, aFlag, type Body, someTexts } from "../body.ts";
import { HttpError } from "../http-error.ts";
import { modelFor, type ServedModel } from "../served-model.ts";
import { numbers, shortened } from "../vectors.ts";
import type { Answering } from "./answering.ts";

export async function openAiEmbeddings(body: Body, { models, signal, limits }: Answering): Promise<string> {
  if (Array.isArray(body["input"]) && ["number", "object"].includes(typeof body["input"][0]))
    throw new HttpError(422, "Validation", "`input` must be texts, not tokens");
  const texts = someTexts(body, "input", limits.maxInputs);
  const format = aChoice(body, "encoding_format", ["float", "base64"], "float");
  const [dimensions, truncate] = [aCount(body, "dimensions"), aFlag(body, "truncate", false)];
  const model = modelFor(models, "embed", body["model"]);
  const vectors = await model.embed.add(
    texts.map((input) => ({ input, truncate })),
    signal,
  );
  const data = vectors.map((vector, index) => {
    const short = shortened(vector, dimensions);
    return `{"object":"embedding","index":${index},"embedding":${format === "base64" ? JSON.stringify(base64(short)) : numbers(short)}}`;
  });
  const tokens = model.countTokens(texts);
  return `{"object":"list","data":[${data.join(",")}],"model":${JSON.stringify(model.name)},"usage":{"prompt_tokens":${tokens},"total_tokens":${tokens}}}`;
}

export const openAiModels = (models: readonly ServedModel[]): string =>
  JSON.stringify({ object: "list", data: models.map(({ name: id }) => ({ id, object: "model", created: 0, owned_by: "x" })) });

/** Little-endian float32, as OpenAI's clients decode it. */
function base64(vector: Float32Array): string {
  const view = new DataView(new ArrayBuffer(4 * vector.length));
  for (const [i, value] of vector.entries()) view.setFloat32(4 * i, value, true);
  return btoa(String.fromCharCode(...new Uint8Array(view.buffer)));
}
