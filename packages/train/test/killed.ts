/** A training that a test kills: node killed.ts FOLDER THREADS. It prints its weights when it ends. */
import { init } from "@x/layers";
import { fit } from "../src/index.ts";
import { net, pointObjective, points, weightsHash } from "./tiny.ts";

const [folder = "", threads = "1"] = process.argv.slice(2);
await init({ threads: Number(threads), simd: "plain" });
const model = net(1);
const wait = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));
await fit(pointObjective(model), points(200, 1), {
  validation: points(50, 2),
  epochs: 6,
  batchSize: 8,
  accumulate: 2,
  learningRate: 1e-2,
  averageDecay: 0.9,
  evaluateEvery: 20,
  saveEvery: 7,
  run: folder,
  onStep: wait,
});
process.stdout.write(weightsHash(model));
