/** A training that worker.test.ts begins. */
import { init } from "@x/layers";
import { fit } from "../src/index.ts";
import { trainHere } from "../src/worker/index.ts";
import { net, pointObjective, points, weightsHash } from "./tiny.ts";

trainHere(async (run: string, watched) => {
  await init({ threads: 1, simd: "plain" });
  using model = net(1);
  const data = points(80, 1);
  if (typeof run !== "string") throw new TypeError("a run has a folder");
  const { finished, steps } = await fit(pointObjective(model), data, { epochs: 4, batchSize: 8, learningRate: 1e-2, run, ...watched });
  return { finished, steps, weights: weightsHash(model) };
});
