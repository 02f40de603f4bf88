/**
 * Short texts through one sentence encoder: `bulk` beside transformers.js and sentence-transformers, in turn, each with the machine's cores. Vectors are compared first.
 *
 *     BENCH_PYTHON=python3 node --conditions=@x/source apps/bench/src/bulk/peers.ts --model FOLDER --from BOOK.txt --count 1000 --rounds 3
 *
 * The Python has torch, onnx and sentence-transformers; it writes the ONNX model that transformers.js runs. Ours includes what a job costs: loading the model, and files that
 * outlive a kill. Theirs are loaded beforehand.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { env, pipeline } from "@huggingface/transformers";
import { bulk } from "@x/bulk";
import { textsOf } from "./texts-of.ts";

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    from: { type: "string" },
    count: { type: "string", default: "1000" },
    rounds: { type: "string", default: "3" },
  },
});
const { model = "", from = "", count, rounds } = values;
const python = process.env["BENCH_PYTHON"];
if (python === undefined) throw new Error("BENCH_PYTHON names no Python that has torch, onnx and sentence-transformers");
const cores = availableParallelism();
const rows = [...textsOf(await readFile(from, "utf8"), Number(count))];
const folder = await mkdtemp(join(tmpdir(), "bulk-peers-"));

/** Seconds, and the vectors, one after another. */
interface Embedded {
  readonly seconds: number;
  readonly vectors: Float32Array;
}

const child = spawn(python, [fileURLToPath(new URL("peers.py", import.meta.url)), model, String(cores), join(folder, "onnx-model")], {
  stdio: ["pipe", "pipe", "inherit"],
});
try {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  if ((await lines.next()).value !== "ready") throw new Error("Python ended");
  Object.assign(env, { allowRemoteModels: false });
  const extract = await pipeline("feature-extraction", join(folder, "onnx-model"), {
    dtype: "fp32",
    device: "cpu",
    local_files_only: true,
    session_options: { intraOpNumThreads: cores },
  });

  const contenders: Readonly<Record<string, (round: number) => Promise<Embedded>>> = {
    async "@x/bulk"(round) {
      const begun = performance.now();
      const file = join(folder, `vectors-${round}.npy`);
      await bulk({ source: rows, task: { kind: "embed", model, column: "text" }, sink: file });
      const seconds = (performance.now() - begun) / 1000;
      const bytes = await readFile(file);
      return { seconds, vectors: floatsOf(bytes.subarray(10 + bytes.readUInt16LE(8))) }; // behind NumPy's header
    },
    async "transformers.js"() {
      const begun = performance.now();
      const parts: Float32Array[] = [];
      for (let i = 0; i < rows.length; i += 32) {
        const texts = rows.slice(i, i + 32).map(({ text }) => text);
        const { data } = await extract(texts, { pooling: "mean", normalize: true });
        parts.push(Float32Array.from(data as Float32Array));
      }
      const seconds = (performance.now() - begun) / 1000;
      return { seconds, vectors: floatsOf(Buffer.concat(parts.map((part) => new Uint8Array(part.buffer)))) };
    },
    async "sentence-transformers"() {
      child.stdin.write(`${JSON.stringify(rows.map(({ text }) => text))}\n`);
      const { seconds, vectors } = JSON.parse((await lines.next()).value as string) as { seconds: number; vectors: string };
      return { seconds, vectors: floatsOf(Buffer.from(vectors, "base64")) };
    },
  };

  const rates = new Map<string, number[]>();
  let reference: Float32Array | undefined;
  for (let round = 0; round < Number(rounds); round++) {
    for (const [name, embed] of Object.entries(contenders)) {
      const { seconds, vectors } = await embed(round);
      reference ??= vectors;
      const difference = vectors.reduce((most, value, i) => Math.max(most, Math.abs(value - (reference?.[i] ?? NaN))), 0);
      if (!(difference < 1e-4)) throw new Error(`${name}'s vectors differ by ${difference}`);
      rates.set(name, [...(rates.get(name) ?? []), rows.length / seconds]);
    }
  }
  for (const [name, found] of rates)
    process.stdout.write(`${JSON.stringify({ name, textsPerSecond: found.map((rate) => Number(rate.toFixed(1))) })}\n`);
  await extract.dispose();
} finally {
  child.kill();
  await rm(folder, { recursive: true, force: true });
}

function floatsOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}
