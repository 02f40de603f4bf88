/**
 * What MLP-Mixer's token mixing learns: trains a small Mixer on MNIST and draws the input weights of the first block's hidden units, each a pattern over the
 * patches of the image. Tolstikhin et al. 2021, figure 5.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { AdamW, cosineWithWarmup, crossEntropy, decayMatricesOnly, init, Rng, train } from "@x/layers";
import { MLPMixer } from "@x/models-vision";
import { SingleBar } from "cli-progress";
import { encode } from "fast-png";
import { batchOf, evaluate } from "./batches.ts";
import { loadMnist, SIDE } from "@x/example-data/src/mnist.ts";
import { shuffledBatches } from "./shuffled-batches.ts";

const { values: options } = parseArgs({
  options: {
    steps: { type: "string", default: "1200" },
    seed: { type: "string", default: "1" },
    out: { type: "string", default: fileURLToPath(new URL("../../../demo-output", import.meta.url)) },
  },
});
const [steps, seed] = [Number(options.steps), Number(options.seed)];
const [PATCH, UNITS, SIZE, COLUMNS, PICTURE] = [2, 48, 70, 16, 80];
const GRID = SIDE / PATCH;

const [trainingSet, testSet] = await Promise.all([loadMnist("train"), loadMnist("t10k")]);
await init();
using mixer = await MLPMixer.fromConfig(
  { imageSize: SIDE, patchSize: PATCH, hiddenSize: 48, numHiddenLayers: 3, tokensMlpDim: UNITS, channelsMlpDim: 128, numLabels: 10 },
  { rng: new Rng(seed) },
);
const batches = shuffledBatches(trainingSet.count, 100, new Rng(seed + 1));
const bar = new SingleBar({ format: "training {bar} {percentage}% | loss {loss} | {eta_formatted} left", noTTYOutput: true });
bar.start(steps, 0, { loss: "–" });
await train({
  model: mixer,
  optimizer: new AdamW(decayMatricesOnly(mixer.parameters(), 0.1), { learningRate: 3e-3, beta2: 0.99 }),
  steps,
  schedule: cosineWithWarmup(3e-3, Math.ceil(steps / 10), steps),
  maxGradientNorm: 1,
  loss: () => {
    const [images, labels] = batchOf(trainingSet, batches.next().value);
    return crossEntropy(mixer.forward(images), labels);
  },
  onStep: ({ step, loss }) => bar.update(step, { loss: loss.toFixed(4) }),
});
bar.stop();
const accuracy = evaluate(mixer, testSet);

const weights = mixer.namedParameters().get("blocks.0.mixer.mlp.fc1.weight")?.toTypedArray() ?? new Float32Array(); // (units, patches)
await mkdir(options.out, { recursive: true });
const path = `${options.out}/mixer-filters.svg`;
await writeFile(
  path,
  picture(`Token mixing, first block: ${UNITS} hidden units over ${GRID} × ${GRID} patches (${(100 * accuracy).toFixed(1)} % on MNIST)`),
);
console.log(`Accuracy on all ${testSet.count} test digits: ${(100 * accuracy).toFixed(2)} %. Filters: ${path}`);

function picture(title: string): string {
  const rows = Math.ceil(UNITS / COLUMNS);
  const units = Array.from({ length: UNITS }, (_, unit) => {
    const filter = weights.subarray(unit * GRID ** 2, (unit + 1) * GRID ** 2);
    const largest = filter.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
    const data = Uint8Array.from([...filter].flatMap((weight) => colour(weight / largest)));
    const png = Buffer.from(encode({ width: GRID, height: GRID, channels: 3, depth: 8, data })).toString("base64");
    const [x, y] = [20 + (unit % COLUMNS) * PICTURE, 56 + Math.floor(unit / COLUMNS) * PICTURE];
    return `<image x="${x}" y="${y}" width="${SIZE}" height="${SIZE}" href="data:image/png;base64,${png}" style="image-rendering:pixelated"/>`;
  });
  const [width, height] = [COLUMNS * PICTURE + 30, rows * PICTURE + 66];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif">
<rect width="100%" height="100%" fill="#fbfaf8"/>
<text x="20" y="36" font-size="17" font-weight="600" fill="#222">${title}</text>
${units.join("\n")}
</svg>
`;
}

/** −1 blue, 0 white, 1 red. */
function colour(share: number): [red: number, green: number, blue: number] {
  const fade = Math.round(255 * (1 - Math.abs(share)));
  return share < 0 ? [fade, fade, 255] : [255, fade, fade];
}
