/** Trains a small net in the folder or database that it is given the name of, and tells its weights. */
import { init } from "@x/layers";
import { fit, indexedDBStorage } from "@x/train";
import { trainHere } from "@x/train/worker";
import { net, pointObjective, points } from "../../../../packages/train/test/tiny.ts";

export interface Asked {
  readonly name: string;
  readonly threads: number;
  /** Where it is kept. Default "folder". */
  readonly place?: "folder" | "database";
  /** Milliseconds that a step takes at least. */
  readonly pause?: number;
}

trainHere(async ({ name, threads, place = "folder", pause = 0 }: Asked, watched) => {
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
    run: place === "folder" ? await root.getDirectoryHandle(name, { create: true }) : indexedDBStorage(name),
    ...watched,
    async onStep(report) {
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
      return watched.onStep(report);
    },
  });
  const weights = [...model.stateDict().values()].flatMap((tensor) => [...new Uint32Array(tensor.toTypedArray().buffer)]);
  return { finished, steps, weights };
});
