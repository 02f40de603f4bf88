/** Trains a classifier on a few pictures, and packs it as Hugging Face's library has it. */
import {
  AdamW,
  cosineWithWarmup,
  crossEntropy,
  drawUniform,
  empty,
  intTensor,
  liveBytes,
  noGrad,
  Rng,
  scope,
  softmax,
  tensor,
  train,
} from "@x/layers";
import { ViT } from "@x/models-vision";
import { zipSync } from "fflate";
import type { Tools } from "../room.ts";

/** A picture 28 × 28, red, green and blue planes from −1 to 1, and the number of its class. */
export interface Example {
  readonly pixels: Float32Array;
  readonly label: number;
}

export interface TrainWork {
  /** Trains the autoencoder's encoder with a new head; `onStep` gets the share of steps done and the loss. */
  train(examples: readonly Example[], labels: readonly string[], onStep: (share: number, loss: number) => void): Promise<void>;
  /** Of each class, how likely the picture is one of it. @throws Error before training */
  read(pixels: Float32Array): Float32Array;
  /** `config.json`, `model.safetensors`, `preprocessor_config.json`, zipped. @throws Error before training */
  download(): Promise<Uint8Array<ArrayBuffer>>;
  /** Bytes that tensors hold. */
  held(): number;
}

const [STEPS, BATCH, RATE, SIDE] = [90, 16, 1e-3, 28];

export async function open({ files }: Tools): Promise<TrainWork> {
  const base = await files("digits-mae");
  let model: ViT | undefined;
  const trained = (): ViT => {
    if (!model) throw new Error("nothing has been trained yet");
    return model;
  };
  return {
    async train(examples, labels, onStep) {
      model?.dispose();
      model = await ViT.fromPretrained(base, { labels });
      const vit = model;
      const rng = new Rng(1);
      const optimizer = new AdamW(vit.parameters(), { learningRate: RATE });
      await train({
        model: vit,
        optimizer,
        steps: STEPS,
        schedule: cosineWithWarmup(RATE, 8, STEPS),
        maxGradientNorm: 1,
        loss: () => {
          const draws = uniform(3 * BATCH, rng);
          const batch = Array.from({ length: BATCH }, (_, i) => examples[Math.floor((draws[i] ?? 0) * examples.length)]).filter(
            (example) => example !== undefined,
          );
          const values = batch.map(({ pixels }, i) =>
            moved(pixels, Math.round(5 * (draws[BATCH + i] ?? 0)) - 2, Math.round(5 * (draws[2 * BATCH + i] ?? 0)) - 2),
          );
          const images = tensor(joined(values), [batch.length, 3, SIDE, SIDE]);
          return crossEntropy(vit.forward(images), intTensor(batch.map(({ label }) => label)));
        },
        onStep: ({ step, loss }) => onStep(step / STEPS, loss),
      });
      optimizer.dispose();
    },
    read: (pixels) => noGrad(() => softmax(trained().forward(tensor(pixels, [1, 3, SIDE, SIDE]))).toTypedArray()),
    async download() {
      const root = await navigator.storage.getDirectory();
      const name = `playground-${crypto.randomUUID()}`;
      const folder = await root.getDirectoryHandle(name, { create: true });
      try {
        await trained().savePretrained(folder, { dtype: "float16" });
        const entries: [string, Uint8Array][] = [];
        for await (const [file, handle] of folder.entries()) {
          if (handle.kind !== "file") continue;
          const content = await (handle as FileSystemFileHandle).getFile();
          entries.push([`my-classifier/${file}`, new Uint8Array(await content.arrayBuffer())]);
        }
        return new Uint8Array(zipSync(Object.fromEntries(entries)));
      } finally {
        await root.removeEntry(name, { recursive: true });
      }
    },
    held: liveBytes,
  };
}

const uniform = (count: number, rng: Rng): Float32Array =>
  scope(() => {
    const draws = empty([count]);
    drawUniform(draws, rng);
    return draws.toTypedArray();
  });

/** A picture moved by whole pixels; what comes in repeats the border. */
function moved(pixels: Float32Array, right: number, down: number): Float32Array {
  const inside = (at: number): number => Math.min(SIDE - 1, Math.max(0, at));
  return pixels.map((_, i) => {
    const [plane, at] = [Math.floor(i / SIDE ** 2), i % SIDE ** 2];
    return pixels[plane * SIDE ** 2 + inside(Math.floor(at / SIDE) - down) * SIDE + inside((at % SIDE) - right)] ?? 0;
  });
}

function joined(rows: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(rows.length * 3 * SIDE ** 2);
  for (const [i, row] of rows.entries()) all.set(row, i * 3 * SIDE ** 2);
  return all;
}
