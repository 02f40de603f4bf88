import process from "node:process";
import type { CommandSpec } from "../command.ts";
import { dtype, limits, listening, model, threads } from "../options.ts";

export const serve: CommandSpec = {
  name: "serve",
  summary: "Answer over HTTP, as OpenAI's embeddings and text-embeddings-inference do",
  inputs: "more models: an encoder, a reranker and a classifier can be served together",
  options: [model(), threads(), dtype(), ...listening(), ...limits()],
  example: "x serve --model sentence-transformers/all-MiniLM-L6-v2 --port 8080",
  hasWorkers: true,
  async run(call) {
    const [{ serve: open }, { listen }] = await Promise.all([import("@x/serve"), import("@x/serve/node")]);
    const { model: first, port, host, maxBatch, maxQueue, maxInputs, maxBody, maxSeconds, threads: count } = call.options;
    const own = { threads: count, maxBatch, maxQueue, maxInputs, maxBody, maxSeconds };
    const serving = await open([first, ...call.inputs], { ...own, ...call.loading });
    const toldToStop = stopped(call.signal);
    await using server = await listen(serving, { port, host });
    for (const { name, family, ...can } of serving.models) {
      const does = (["embed", "rerank", "predict"] as const).filter((doing) => can[doing]);
      await call.tell({ record: { address: server.address, model: name, family, does }, rows: [[server.address, name, does.join(", ")]] });
    }
    await toldToStop;
  },
};

/** Until the program is asked to end. */
const stopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    process.once("SIGTERM", () => resolve());
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve());
  });
