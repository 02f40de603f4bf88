/** BERT-Base against PyTorch, with weights that both sides make from hashed integers: tools/reference/bert.py. */
import { readFileSync } from "node:fs";
import { init, intTensor, noGrad, Rng } from "@x/layers";
import { cosineWith, type Expected, fill, uniform } from "@x/testing";
import { expect, test } from "vitest";
import { Bert, bertLayouts, bertPreset } from "../src/index.ts";
import { goldenFolder } from "./golden.ts";

test("BERT-Base: cosine with Hugging Face's tokens and pooled text at least 0.999999", { timeout: 120_000 }, async () => {
  const expected = JSON.parse(readFileSync(`${goldenFolder("bert-full-size")}.json`, "utf8")) as Readonly<Record<string, Expected>>;
  await init();
  using model = new Bert(bertPreset("BERT-Base"), new Rng(0));
  fill(model, bertLayouts[0]);
  noGrad(() => {
    const inputIds = intTensor(
      Int32Array.from({ length: 64 }, (_, i) => (uniform(1e9 + i) + 0.5) * 30522),
      [1, 64],
    );
    const attentionMask = intTensor(
      Int32Array.from({ length: 64 }, (_, i) => (i < 56 ? 1 : 0)),
      [1, 64],
    );
    const tokens = model.encode({ inputIds, attentionMask });
    expect(cosineWith(expected["tokens"], tokens)).toBeGreaterThanOrEqual(0.999999);
    expect(cosineWith(expected["pooled"], model.pool(tokens))).toBeGreaterThanOrEqual(0.999999);
  });
});
