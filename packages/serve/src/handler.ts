import { httpErrorOf, HttpError } from "./http-error.ts";
import { embed, predict, rerank } from "./endpoints/inference.ts";
import { openAiEmbeddings, openAiModels } from "./endpoints/openai.ts";
import type { Answering } from "./endpoints/answering.ts";
import { type Body, readBody } from "./body.ts";
import type { Metrics } from "./metrics.ts";
import type { ServedModel } from "./served-model.ts";

export interface Limits {
  /** Longest body, in bytes. */
  readonly maxBody: number;
  /** Most texts of a request. */
  readonly maxInputs: number;
  /** Longest that a request may take, in seconds. */
  readonly maxSeconds: number;
}

export interface Handling {
  readonly models: readonly ServedModel[];
  readonly metrics: Metrics;
  readonly limits: Limits;
  /** Whether the server takes its leave: /health says so. */
  readonly isEnding: () => boolean;
}

type Endpoint = (body: Body, answering: Answering) => Promise<string>;

const endpoints: Readonly<Record<string, Endpoint>> = {
  "/v1/embeddings": openAiEmbeddings,
  "/embeddings": openAiEmbeddings,
  "/embed": embed,
  "/rerank": rerank,
  "/predict": predict,
};

/** Answers one request. It never throws: what goes wrong is an answer, too. */
export async function handle(request: Request, handling: Handling): Promise<Response> {
  const { metrics } = handling;
  const begun = performance.now();
  const { pathname } = new URL(request.url);
  const known = Object.hasOwn(endpoints, pathname);
  const response = await answer(request, pathname, known ? endpoints[pathname] : undefined, handling).catch((error: unknown) =>
    failure(error, pathname),
  );
  if (known) {
    const labels = { path: pathname };
    metrics.count("x_requests_total", "Requests by what became of them", { ...labels, status: response.status });
    metrics.observe("x_request_seconds", "How long requests took", (performance.now() - begun) / 1000, labels);
  }
  return response;
}

async function answer(
  request: Request,
  path: string,
  endpoint: Endpoint | undefined,
  { models, metrics, limits, isEnding }: Handling,
): Promise<Response> {
  if (endpoint) {
    if (request.method !== "POST") throw new HttpError(405, "Validation", `${path} is asked by POST`);
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new DOMException("it took too long", "TimeoutError")), limits.maxSeconds * 1000);
    try {
      const signal = AbortSignal.any([request.signal, late.signal]);
      return json(await endpoint(await readBody(request, limits.maxBody), { models, signal, limits }));
    } finally {
      clearTimeout(timer); // Deno wouldn't end before it
    }
  }
  if (request.method !== "GET" && request.method !== "HEAD") throw new HttpError(404, "Validation", `there is no ${path}`);
  if (path === "/health" || path === "/")
    return isEnding() ? failure(new HttpError(503, "Unhealthy", "the server is about to end"), path) : json('{"status":"ok"}');
  if (path === "/metrics") return new Response(gauged(metrics, models), { headers: { "content-type": "text/plain; version=0.0.4" } });
  if (path === "/v1/models") return json(openAiModels(models));
  if (path === "/info") return json(JSON.stringify({ models: models.map(infoOf), max_client_batch_size: limits.maxInputs }));
  throw new HttpError(404, "Validation", `there is no ${path}`);
}

const infoOf = ({ name, family, maxLength, ...can }: ServedModel): object => ({
  model_id: name,
  model_type: family,
  can: (["embed", "rerank", "predict"] as const).filter((doing) => can[doing]),
  max_input_length: maxLength,
});

function gauged(metrics: Metrics, models: readonly ServedModel[]): string {
  for (const { name, waiting } of models) metrics.set("x_queue_length", "Inputs that wait", waiting, { model: name });
  if (typeof process === "object") metrics.set("x_memory_bytes", "Resident memory of the process", process.memoryUsage.rss());
  return metrics.text();
}

const json = (text: string, status = 200, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(text, { status, headers: { "content-type": "application/json", ...headers } });

/** In the words of whoever asks: OpenAI's below /v1, else text-embeddings-inference's. */
function failure(error: unknown, path: string): Response {
  const { status, kind, message } = httpErrorOf(error);
  const told = path.startsWith("/v1/")
    ? { error: { message, type: status < 500 ? "invalid_request_error" : "server_error", param: null, code: null } }
    : { error: message, error_type: kind };
  return json(JSON.stringify(told), status, status === 429 ? { "retry-after": "1" } : {});
}
