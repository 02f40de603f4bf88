/** FNet-Base against PyTorch, with weights that both sides make from hashed integers: tools/reference/fnet.py. */
import { readFileSync } from "node:fs";
import { init, intTensor, noGrad, Rng } from "@x/layers";
import { cosineWith, type Expected, fill, uniform } from "@x/testing";
import { expect, test } from "vitest";
import { FNet, fNetLayouts, fNetPreset } from "../src/index.ts";
import { goldenFolder } from "./golden.ts";

test("FNet-Base: cosine with Hugging Face's tokens and pooled text at least 0.999999", { timeout: 120_000 }, async () => {
  const expected = JSON.parse(readFileSync(`${goldenFolder("fnet-full-size")}.json`, "utf8")) as Readonly<Record<string, Expected>>;
  await init();
  using model = new FNet(fNetPreset("FNet-Base"), new Rng(0));
  fill(model, fNetLayouts[0]);
  noGrad(() => {
    const inputIds = intTensor(
      Int32Array.from({ length: 128 }, (_, i) => (uniform(1e9 + i) + 0.5) * 32000),
      [1, 128],
    );
    const tokens = model.encode({ inputIds });
    expect(cosineWith(expected["tokens"], tokens)).toBeGreaterThanOrEqual(0.999999);
    expect(cosineWith(expected["pooled"], model.pool(tokens))).toBeGreaterThanOrEqual(0.999999);
  });
});
