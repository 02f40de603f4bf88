/** What an adapter has to pass on every model. */
import { expect } from "vitest";
import { AdamW, backward, type LoRA, liveBytes, type Module, noGrad, openCheckpoint, scope, type Tensor } from "@x/layers";
import { expectLossesAgree } from "./agree.ts";
import { expectClose } from "./close.ts";
import { inFolder } from "./folder.ts";
import type { Golden } from "./golden.ts";

export interface AdaptedModel {
  readonly model: Module;
  readonly lora: LoRA;
  readonly golden: Golden;
  readonly logits: () => Tensor;
  readonly loss: () => Tensor;
  /** Paths of the parameters that the adapter has whole, by their keys in the file. */
  readonly saved: Readonly<Record<string, string>>;
}

/** PEFT's outputs, loss, gradients, merged outputs, and ten steps of training. */
export function expectPEFTAgrees({ model, lora, golden, logits, loss, saved }: AdaptedModel): void {
  const values = golden.values("logits");
  const expectLogits = (what: string, expected: ArrayLike<number>, tolerance = 1e-5): void =>
    expectClose(
      noGrad(() => logits().toTypedArray()),
      expected,
      what,
      tolerance,
    );
  expectLogits("logits", values);
  lora.merge();
  expectLogits("merged, as PEFT merges", golden.values("merged"));
  expectLogits("merged", values);
  lora.unmerge();
  expectLogits("unmerged", values);

  scope(() => {
    const value = loss();
    expectClose(value.toTypedArray(), golden.values("loss"), "loss");
    backward(value);
    const trained = lora.namedParameters();
    const keys = golden.namesAfter("grad.");
    expect([...trained.keys()].sort()).toEqual(keys.map((key) => saved[key] ?? key).sort());
    for (const key of keys) expectClose(trained.get(saved[key] ?? key)?.grad?.data ?? [], golden.values(`grad.${key}`), key);
    expect(model.parameters().filter(({ grad }) => grad !== undefined)).toHaveLength(Object.keys(saved).length);
    for (const parameter of lora.parameters()) parameter.zeroGrad();
  });

  expectLossesAgree(golden, lora.parameters(), loss);
}

/** What is saved has PEFT's names and shapes, and loaded again it does the same. */
export async function expectThereAndBack(
  lora: LoRA,
  golden: string,
  load: (folder: string) => Promise<LoRA>,
  logits: () => Tensor,
): Promise<void> {
  const result = (): Float32Array => noGrad(() => logits().toTypedArray());
  await inFolder(async (folder) => {
    await lora.savePretrained(folder);
    const [saved, theirs] = await Promise.all([folder, golden].map(async (where) => openCheckpoint(`${where}/adapter_model.safetensors`)));
    const shapes = (checkpoint: typeof saved): unknown => [...(checkpoint?.entries ?? [])].map(([key, { shape }]) => [key, shape]).sort();
    expect(shapes(saved)).toEqual(shapes(theirs));
    const before = result();
    lora.detach();
    expect(result()).not.toEqual(before);
    using again = await load(folder);
    expect(result()).toEqual(before);
    again.disable();
  });
}

/** A fresh adapter changes nothing, everything in it learns, the base model stays as it is, and no memory stays behind. */
export function expectAdapterLearns(model: Module, attach: () => LoRA, loss: () => Tensor): void {
  const bits = (): Map<string, Float32Array> => new Map([...model.stateDict()].map(([path, { data }]) => [path, data.slice()]));
  const measure = (): number => noGrad(() => loss().item());
  const [before, weights, bytes] = [measure(), bits(), liveBytes()]; // reading the weights leaves them as rows
  const lora = attach();
  expect(measure()).toBeCloseTo(before, 5);
  using optimizer = new AdamW(lora.parameters(), { learningRate: 1e-2, weightDecay: 0 });
  for (let step = 0; step < 4; step++) {
    scope(() => {
      backward(loss());
      optimizer.step();
      for (const [name, { grad }] of lora.namedParameters()) {
        // B is zeros at first, and so is A's gradient; where a new head is zeros, that takes a step more.
        if (step === 3)
          expect(
            grad?.data.some((value) => value !== 0),
            name,
          ).toBe(true);
      }
      optimizer.zeroGrad();
    });
  }
  expect(measure()).toBeLessThan(before);
  lora.detach();
  optimizer.dispose();
  expect(bits()).toEqual(weights);
  expect(liveBytes()).toBe(bytes);
}

/** Merged into the weights, an adapter does what it does beside them; taken out again, it has left nothing but rounding. */
export function expectAdapterMerges(attach: () => LoRA, loss: () => Tensor): void {
  const measure = (): number => noGrad(() => loss().item());
  const before = measure();
  const lora = attach();
  for (const [name, { data }] of lora.namedParameters()) if (name.includes("lora_B")) data.fill(0.1);
  const beside = measure();
  expect(Math.abs(beside - before), "what the adapter changes").toBeGreaterThan(1e-4);
  lora.merge();
  expect(measure(), "merged").toBeCloseTo(beside, 5);
  lora.unmerge();
  expect(measure(), "unmerged").toBeCloseTo(beside, 5);
  lora.detach();
  expect(measure(), "detached").toBeCloseTo(before, 5);
}
