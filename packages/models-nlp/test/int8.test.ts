import { init, liveBytes, quantize } from "@x/layers";
import { linearSize } from "@x/testing";
import { beforeAll, expect, test } from "vitest";
import { Bert } from "../src/index.ts";

beforeAll(() => init());

test("a BERT 256 wide: its linear weights take between a quarter and 27 % of what they took", async () => {
  const before = liveBytes();
  const bert = await Bert.fromConfig({ hiddenSize: 256, numHiddenLayers: 1, numAttentionHeads: 4, intermediateSize: 1024 });
  const float32 = 4 * linearSize(bert);
  const others = liveBytes() - before - float32;
  quantize(bert);
  const share = (liveBytes() - before - others) / float32;
  expect(share).toBeGreaterThan(0.25);
  expect(share).toBeLessThan(0.27);
  bert.dispose();
  expect(liveBytes()).toBe(before);
});
