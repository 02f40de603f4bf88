import { engine } from "@x/layers/model";
import { liveBytes } from "@x/layers";
import type { CommandSpec } from "../command.ts";
import { openEmbedder } from "../embedder.ts";
import { input, running, seconds } from "../options.ts";

/** Six words, of which most vocabularies make nine tokens. */
const text = "The captain saw the white whale.";

export const bench: CommandSpec = {
  name: "bench",
  summary: "Measure on this machine how fast a model makes vectors of texts or pictures",
  options: [...running(), input(), seconds()],
  example: "x bench --model sentence-transformers/all-MiniLM-L6-v2 --threads 2",
  async run(call) {
    const begun = performance.now();
    using model = await openEmbedder(call);
    const load = performance.now() - begun;
    const one = model.isSeen(text) ? await picture() : text;
    const before = performance.now();
    await model.embed([one]);
    const first = performance.now() - before;
    const { model: name, seconds: most = 3, batchSize = 8 } = call.options;
    for (const batch of new Set([1, batchSize])) {
      const times: number[] = [];
      const inputs = Array.from({ length: batch }, () => one);
      for (const end = performance.now() + 1000 * most; times.length < 3 || performance.now() < end;) {
        call.signal.throwIfAborted();
        const start = performance.now();
        await model.embed(inputs);
        times.push(performance.now() - start);
      }
      const median = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
      const record = {
        model: name,
        threads: engine().threads,
        batch,
        loadMilliseconds: load,
        firstMilliseconds: first,
        milliseconds: median,
        perSecond: (1000 * batch) / median,
        memoryBytes: liveBytes(),
      };
      const rows = [
        ["threads", String(record.threads)],
        ["loading", inMilliseconds(load)],
        ["the first", inMilliseconds(first)],
        ["each", inMilliseconds(median)],
        ["a second", rounded(record.perSecond)],
        ["memory", `${(record.memoryBytes / 1e6).toFixed(1)} MB`],
      ];
      await call.tell({ record, heading: `${name}, ${batch} together`, rows });
    }
  },
};

/** To three digits. */
const rounded = (value: number): string => String(Number(value.toPrecision(3)));
const inMilliseconds = (time: number): string => `${rounded(time)} ms`;

/** A picture of 256 × 256 in all colours, as an address. */
async function picture(): Promise<string> {
  const { encodePng } = await import("@x/models-vision");
  const data = Uint8Array.from({ length: 3 * 256 * 256 }, (_, i) => (i % 3 === 0 ? i >> 8 : i) & 255);
  return `data:image/png;base64,${Buffer.from(encodePng({ width: 256, height: 256, data })).toString("base64")}`;
}
