import { aboveZero, checkOptions, type RulesOf, wholeFrom } from "@x/layers/model";
import { ModelWorker } from "@x/worker";
import { handle, type Limits } from "./handler.ts";
import { Metrics } from "./metrics.ts";
import { openServed, type ServedModel, type ServeModelOptions } from "./served-model.ts";

export interface ServeOptions extends Omit<ServeModelOptions, "name"> {
  /** How many threads compute. Default: as many as there are cores. */
  readonly threads?: number | undefined;
  /** Most inputs that go through the model together. Default 32. */
  readonly maxBatch?: number | undefined;
  /** Most inputs that wait; what comes beyond is answered 429. Default 512. */
  readonly maxQueue?: number | undefined;
  /** Most texts of a request. Default 256. */
  readonly maxInputs?: number | undefined;
  /** Longest body, in bytes. Default 2 MB. */
  readonly maxBody?: number | undefined;
  /** Longest that a request may take, in seconds. Default 30. */
  readonly maxSeconds?: number | undefined;
}

/** Models behind HTTP. */
export interface Serving extends AsyncDisposable {
  /** Answers a request as Deno, Bun, Hono, Next and service workers have it; it never throws. */
  fetch(request: Request): Promise<Response>;
  readonly models: readonly ServedModel[];
  /** Answers what is under way, and what still comes (/health says 503); then the models go. */
  close(): Promise<void>;
}

/**
 * Loads models into a worker and answers requests: OpenAI's `/v1/embeddings`, text-embeddings-inference's `/embed`, `/rerank`, `/predict`, `/health`,
 * `/metrics`, `/info`. Requests that come while the model computes wait, and go through it together.
 * @param where a model, or several: sentence encoders, rerankers, classifiers. A request's `model` chooses; where one alone can do it, it needn't
 * @throws CheckpointError as `load` does
 */
export async function serve(where: string | readonly string[], options: ServeOptions = {}): Promise<Serving> {
  const { threads, maxBatch = 32, maxQueue = 512, maxInputs = 256, maxBody = 2e6, maxSeconds = 30, ...loading } = options;
  const own: OwnOptions = { threads, maxBatch, maxQueue, maxInputs, maxBody, maxSeconds };
  checkOptions("serve", own, rules);
  const worker = new ModelWorker(threads === undefined ? {} : { threads });
  const metrics = new Metrics();
  const limits: Limits = { maxBody, maxInputs, maxSeconds };
  const batching = { maxBatch, maxQueue, onBatch: (size: number) => metrics.observe("x_batch_size", "Inputs of a batch", size) };
  const models: ServedModel[] = [];
  try {
    for (const place of [where].flat()) models.push(await openServed(worker, place, batching, loading));
  } catch (error) {
    worker.dispose();
    throw error;
  }
  const underWay = new Set<Promise<Response>>();
  let isEnding = false;
  const fetch = async (request: Request): Promise<Response> => {
    const answer = handle(request, { models, metrics, limits, isEnding: () => isEnding });
    underWay.add(answer);
    return answer.finally(() => underWay.delete(answer));
  };
  const close = async (): Promise<void> => {
    isEnding = true;
    while (underWay.size > 0) await Promise.all(underWay);
    worker.dispose();
  };
  return { fetch, models, close, [Symbol.asyncDispose]: close };
}

type OwnOptions = Pick<ServeOptions, "threads" | "maxBatch" | "maxQueue" | "maxInputs" | "maxBody" | "maxSeconds">;

const rules: RulesOf<OwnOptions> = {
  threads: wholeFrom(1),
  maxBatch: wholeFrom(1),
  maxQueue: wholeFrom(1),
  maxInputs: wholeFrom(1),
  maxBody: wholeFrom(1),
  maxSeconds: aboveZero,
};
