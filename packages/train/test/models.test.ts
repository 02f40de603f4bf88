/** Ten steps through `fit` of models that no other test trains, against PyTorch's losses: their own golden folders. */
import { init, intTensor, type Module, type Tensor } from "@x/layers";
import { checkForLeaks, goldensOf } from "@x/testing";
import { beforeAll, test } from "vitest";
import { SigLIP } from "../../clip/src/index.ts";
import {
  BertForPreTraining,
  FNetForPreTraining,
  preTrainingLoss,
  type PreTrainingModel,
  preTrainingOutputs,
} from "../../models-nlp/src/index.ts";
import { MLPMixer, Swin } from "../../models-vision/src/index.ts";
import { imageClassification, imageText } from "../src/index.ts";
import { bound, picked, rowsIn, tenPlainSteps, tokenizerOfRows } from "./ten-steps.ts";

beforeAll(() => init({ threads: 1 }));
checkForLeaks();

const [nlp, vision, clip] = ["models-nlp", "models-vision", "clip"].map((name) =>
  goldensOf(new URL(`../../${name}/golden/`, import.meta.url)),
) as [Goldens, Goldens, Goldens];
type PreTrained = Module & PreTrainingModel & Disposable;
const undropped = { hiddenDropoutProb: 0, attentionProbsDropoutProb: 0 };
type Goldens = ReturnType<typeof goldensOf>;

test.each([
  ["swin", (folder: string): Promise<Swin | MLPMixer> => Swin.fromPretrained(folder, { config: { dropPathRate: 0 } })],
  ["timm_mixer", (folder: string): Promise<Swin | MLPMixer> => MLPMixer.fromPretrained(folder)],
] as const)("images' classes: %s", async (name, load) => {
  const numbers = await vision.readGolden(name);
  using model = await load(vision.goldenFolder(name));
  using pixels = numbers.tensor("pixel_values");
  using labels = numbers.ids("labels");
  const like = new Proxy(model, {
    get: (of, key) => (key === "processor" ? { process: async (rows: readonly number[]) => picked(pixels, rows) } : bound(of, key)),
  }) as unknown as Parameters<typeof imageClassification<number>>[0];
  const examples = [...labels.data].map((label, row) => ({ image: row, label }));
  await tenPlainSteps(imageClassification<number>(like), model, examples, numbers.values("losses"));
});

test.each([
  ["bert", (folder: string): Promise<PreTrained> => BertForPreTraining.fromPretrained(folder, { config: undropped })],
  ["fnet", (folder: string): Promise<PreTrained> => FNetForPreTraining.fromPretrained(folder, { config: { hiddenDropoutProb: 0 } })],
] as const)("masked words and whether sentences follow, together: %s", async (name, load) => {
  const numbers = await nlp.readGolden(name);
  using model = await load(nlp.goldenFolder(name));
  using ids = numbers.ids("input_ids");
  using types = numbers.ids("token_type_ids");
  using mask = numbers.has("attention_mask") ? numbers.ids("attention_mask") : onesLike(ids);
  using words = numbers.ids("labels");
  using next = numbers.ids("next_sentence_label");
  const objective = {
    model,
    collate: (rows: readonly number[]) => ({
      text: { inputIds: pickedIds(ids, rows), tokenTypeIds: pickedIds(types, rows), attentionMask: pickedIds(mask, rows) },
      wordLabels: pickedIds(words, rows),
      nextSentenceLabels: pickedIds(next, rows),
    }),
    loss: (batch: Parameters<typeof preTrainingOutputs>[1]) => preTrainingLoss(preTrainingOutputs(model, batch), batch),
  };
  await tenPlainSteps(objective, model, [0, 1], numbers.values("losses"));
});

test("images and texts, each pair a yes or no: SigLIP", async () => {
  const numbers = await clip.readGolden("siglip");
  using model = await SigLIP.fromPretrained(clip.goldenFolder("siglip"));
  using pixels = numbers.tensor("pixel_values");
  using ids = numbers.ids("input_ids");
  const tokenizer = tokenizerOfRows(
    rowsIn(ids, () => true),
    1,
  );
  const processor = { process: async (rows: readonly number[]) => picked(pixels, rows) };
  const like = new Proxy(model, {
    get: (of, name) => (name === "tokenizer" ? tokenizer : name === "processor" ? processor : bound(of, name)),
  }) as unknown as Parameters<typeof imageText<number>>[0];
  const examples = [0, 1, 2].map((row) => ({ image: row, text: String(row) }));
  await tenPlainSteps(imageText<number>(like), model, examples, numbers.values("losses"));
});

const onesLike = ({ size, shape }: Tensor<"int32">): Tensor<"int32"> => intTensor(new Int32Array(size).fill(1), shape);

/** Some rows of a golden's ids, (B) or (B, N). */
function pickedIds(of: Tensor<"int32">, rows: readonly number[]): Tensor<"int32"> {
  const width = of.size / (of.shape[0] ?? 1);
  const values = of.toTypedArray();
  return intTensor(
    rows.flatMap((row) => [...values.subarray(row * width, (row + 1) * width)]),
    of.shape.with(0, rows.length),
  );
}
