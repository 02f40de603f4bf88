/** Trains a small net in the folder that it is given the name of, and tells its weights. */
import { init } from "@x/layers";
import { fit } from "@x/train";
import { trainHere } from "@x/train/worker";
import { net, pointObjective, points } from "../../../../packages/train/test/tiny.ts";

trainHere(async ({ name, threads }: { readonly name: string; readonly threads: number }, watched) => {
  await init({ threads, simd: "plain" });
  const root = await navigator.storage.getDirectory();
  const model = net(1);
  const { finished, steps } = await fit(pointObjective(model), points(200, 1), {
    validation: points(50, 2),
    epochs: 4,
    batchSize: 8,
    learningRate: 1e-2,
    averageDecay: 0.9,
    saveEvery: 7,
    run: await root.getDirectoryHandle(name, { create: true }),
    ...watched,
  });
  const weights = [...model.stateDict().values()].flatMap((tensor) => [...new Uint32Array(tensor.toTypedArray().buffer)]);
  return { finished, steps, weights };
});
