/** LoRA on CLIP, under Hugging Face's names, and OpenAI's ResNets under their own. */
import { backward, init, liveBytes, LoRA, Rng, scope, type Tensor } from "@x/layers";
import { expectClose } from "@x/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cachedContrastiveLoss, CLIP, contrastiveLoss, type ImageTextPairs, inChunks } from "../src/index.ts";
import { pairs, tiny } from "./tiny.ts";

let bytes = 0;
beforeEach(async () => {
  await init();
  bytes = liveBytes();
});
afterEach(() => expect(liveBytes() - bytes, "bytes left behind").toBe(0));

const lossOf = (clip: CLIP, { images, inputIds }: ImageTextPairs): Tensor =>
  contrastiveLoss(clip.encodeImages(images), clip.encodeTexts(inputIds), clip.logitScale);

function dispose({ images, inputIds }: ImageTextPairs): void {
  images.dispose();
  inputIds.dispose();
}

test("names are those of Hugging Face's library", async () => {
  using clip = await CLIP.fromConfig(tiny);
  using lora = LoRA.attach(clip, { targetModules: /vision_model\..*layers\.1.*v_proj/, modulesToSave: ["visual_projection"] });
  expect([...lora.namedParameters().keys()]).toEqual([
    "vision_model.encoder.layers.1.self_attn.v_proj.lora_A.weight",
    "vision_model.encoder.layers.1.self_attn.v_proj.lora_B.weight",
    "visual.proj.weight",
  ]);
});

test("a batch in chunks gives the adapter the same gradients as in one piece", async () => {
  using clip = await CLIP.fromConfig(tiny, { rng: new Rng(1) });
  using lora = LoRA.attach(clip, { targetModules: ["q_proj"] });
  for (const [name, { data }] of lora.namedParameters()) if (name.includes("lora_B")) data.fill(0.1);
  const batch = scope(() => pairs(6, 4));
  const gradients = (loss: () => Tensor): Float32Array[] => {
    scope(() => backward(loss()));
    return lora.parameters().map((parameter) => {
      const gradient = parameter.grad?.toTypedArray() ?? new Float32Array();
      parameter.zeroGrad();
      return gradient;
    });
  };
  const [whole, chunked] = [gradients(() => lossOf(clip, batch)), gradients(() => cachedContrastiveLoss(clip, inChunks(batch, 2)))];
  for (const [i, gradient] of whole.entries()) expectClose(chunked[i] ?? [], gradient);
  dispose(batch);
});
