import { backward, init, mean, noGrad, Rng, scope, tensor, type Tensor, Trace } from "@x/layers";
import fc from "fast-check";
import { expectClose, normal } from "@x/testing";
import { expect, test } from "vitest";
import { Swin, swinCost, swinDefaults, swinPreset } from "../src/index.ts";
import { relativePositionIndex } from "../src/swin/relative-position.ts";
import { shiftMask } from "../src/swin/shift-mask.ts";
import { WindowAttention } from "../src/swin/window-attention.ts";
import { planWindows } from "../src/swin/window-plan.ts";
import { windowGrid, windowTokens } from "../src/swin/windows.ts";
import { tinySwin } from "./models.ts";

test("attention in windows costs in proportion to the image, over the whole map with its square", () => {
  const config = { ...swinDefaults, ...swinPreset("Swin-T") };
  const [small, large] = [swinCost(config, 224), swinCost(config, 896)]; // 4 times the side, 16 times the patches
  expect(large.attentionFlops / small.attentionFlops).toBeCloseTo(16, 6);
  expect(large.globalAttentionFlops / small.globalAttentionFlops).toBeGreaterThan(100);
  expect(large.globalAttentionFlops / large.attentionFlops).toBeGreaterThan(40);
  // The paper's tables count a multiplication with its addition as one: 4.5, 8.7, 15.4 and, at 384² with windows of 12, 47.0 billion.
  const total = (name: string, size = 224, windowSize = 7): number => {
    const { attentionFlops, otherFlops } = swinCost({ ...swinDefaults, ...swinPreset(name), windowSize }, size);
    return (attentionFlops + otherFlops) / 2e9;
  };
  expect(total("Swin-T")).toBeCloseTo(4.5, 1);
  expect(total("Swin-S")).toBeCloseTo(8.7, 1);
  expect(total("Swin-B")).toBeCloseTo(15.4, 0);
  expect(total("Swin-B", 384, 12)).toBeCloseTo(47, 0);
});

test("windows share the map out: every token stands in one, and going back undoes it", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 17 }),
      fc.integer({ min: 1, max: 17 }),
      fc.integer({ min: 1, max: 7 }),
      fc.boolean(),
      fc.constantFrom("huggingFace", "timm"),
      (height, width, windowSize, shifted, windowing) => {
        const grid = windowGrid([height, width], windowSize, shifted ? Math.floor(windowSize / 2) : 0, windowing as "timm");
        for (const axis of [0, 1] as const) {
          expect(grid.padded[axis] % grid.window[axis]).toBe(0);
          expect(grid.padded[axis]).toBeGreaterThanOrEqual(grid.map[axis]);
          expect(grid.padded[axis] - grid.map[axis]).toBeLessThan(grid.window[axis]);
          expect(grid.shift[axis]).toBeLessThan(grid.window[axis]);
        }
        const tokens = windowTokens(grid);
        expect([...tokens].sort((a, b) => a - b)).toEqual([...tokens.keys()]);
        // As torch.roll and view would do it.
        const [[rows, columns], [down, across]] = [grid.torus, grid.shift];
        const rolled = Array.from({ length: grid.padded[0] }, (_, row) =>
          Array.from({ length: grid.padded[1] }, (__, column) =>
            row < rows && column < columns
              ? ((row + down) % rows) * grid.padded[1] + ((column + across) % columns)
              : row * grid.padded[1] + column,
          ),
        );
        const expected: number[] = [];
        for (let top = 0; top < grid.padded[0]; top += grid.window[0]) {
          for (let left = 0; left < grid.padded[1]; left += grid.window[1]) {
            for (let row = top; row < top + grid.window[0]; row++) expected.push(...rolled[row]!.slice(left, left + grid.window[1]));
          }
        }
        expect([...tokens]).toEqual(expected);
      },
    ),
  );
});

test("the plan's places are the inverse of its windows", async () => {
  await init();
  scope(() => {
    const { windows, places } = planWindows(windowGrid([9, 14], 4, 2, "timm"), 4);
    expect([...windows.data].map((token) => places.data[token])).toEqual([...windows.data.keys()]);
  });
});

/** Which tokens of the last map change when one token of the first does. */
function reach(model: Swin, numBlocks: number, side: number, token: number): number[] {
  const [stage] = model.stages;
  const tokens = normal([1, side * side, 8], 8);
  const through = (): Float32Array => {
    const all = stage!.blocks.splice(numBlocks);
    const { tokens: out } = stage!.forward({ tokens, size: [side, side] });
    stage!.blocks.push(...all);
    return out.toTypedArray();
  };
  const before = through();
  tokens.data[token * 8] = (tokens.data[token * 8] ?? 0) + 1;
  const after = through();
  return [...new Set([...after.keys()].filter((i) => after[i] !== before[i]).map((i) => Math.floor(i / 8)))];
}

test("regular and shifted windows take turns: one block stays in its window, two reach into the neighbours", async () => {
  using model = await Swin.fromConfig({ ...tinySwin, depths: [2], numHeads: [2] });
  noGrad(() => {
    const [row, column] = [3, 3]; // the last of the first window of an 8 × 8 map
    const regular = reach(model, 1, 8, row * 8 + column);
    expect(regular).toEqual(Array.from({ length: 16 }, (_, i) => Math.floor(i / 4) * 8 + (i % 4)));
    const both = reach(model, 2, 8, row * 8 + column);
    expect(both).toContain(5 * 8 + 5); // beyond the first window, within the shifted one
    expect(both).not.toContain(7 * 8 + 7);
  });
  for (const windowSize of [2, 3, 7, 12]) {
    const shift = Math.floor(windowSize / 2);
    expect(windowGrid([48, 48], windowSize, shift, "huggingFace").shift).toEqual([shift, shift]);
  }
});

test("a map that fits in a window isn't shifted; where one side fits, the two libraries differ", () => {
  expect(windowGrid([7, 7], 7, 3, "huggingFace")).toMatchObject({ window: [7, 7], shift: [0, 0], padded: [7, 7] });
  expect(windowGrid([3, 3], 7, 3, "timm")).toMatchObject({ window: [3, 3], shift: [0, 0], padded: [3, 3] });
  expect(windowGrid([7, 14], 7, 3, "huggingFace").shift).toEqual([0, 0]);
  expect(windowGrid([7, 14], 7, 3, "timm").shift).toEqual([0, 3]);
  expect(windowGrid([10, 15], 7, 3, "huggingFace")).toMatchObject({ padded: [14, 21], torus: [14, 21] });
  expect(windowGrid([10, 15], 7, 3, "timm")).toMatchObject({ padded: [14, 21], torus: [10, 15] });
});

test("shifting in a circle with a mask is attention within each region of the shifted windows", async () => {
  await init();
  const [numHeads, headSize] = [2, 3];
  const width = numHeads * headSize;
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 4 }),
      fc.integer({ min: 2, max: 3 }),
      fc.integer({ min: 2, max: 3 }),
      fc.nat(1000),
      (windowSize, down, across, seed) => {
        scope(() => {
          const [height, columns] = [down * windowSize, across * windowSize];
          const shift = Math.floor(windowSize / 2);
          using attention = new WindowAttention({ width, numHeads, windowSize }).initialize(new Rng(seed));
          const biases = normal(attention.relativePositionBiasTable.shape, seed).toTypedArray();
          attention.relativePositionBiasTable.data.set(biases);
          const x = normal([1, height * columns, width], seed + 1);
          const plan = planWindows(windowGrid([height, columns], windowSize, shift, "huggingFace"), windowSize);
          const actual = noGrad(() => attention.forward(x, { plan }));

          // Naively, without any circle: lines at shift, shift + M, … cut the map into smaller pieces at its border, and each keeps to itself.
          const qkv = noGrad(() => attention.qkv.forward(x)).data;
          const piece = (token: number): string =>
            [Math.floor(token / columns), token % columns].map((position) => Math.floor((position - shift) / windowSize)).join();
          const table = attention.relativePositionBiasTable.data;
          const attended = Float64Array.from({ length: x.size }, (_, at) => {
            const [query, channel] = [Math.floor(at / width), at % width];
            const head = Math.floor(channel / headSize);
            const keys = Array.from({ length: height * columns }, (__, token) => token).filter((token) => piece(token) === piece(query));
            const scores = keys.map((key) => {
              let dot = 0;
              for (let i = 0; i < headSize; i++) {
                dot += (qkv[query * 3 * width + head * headSize + i] ?? 0) * (qkv[key * 3 * width + width + head * headSize + i] ?? 0);
              }
              const dy = Math.floor(query / columns) - Math.floor(key / columns);
              const dx = (query % columns) - (key % columns);
              const row = (dy + windowSize - 1) * (2 * windowSize - 1) + dx + windowSize - 1;
              return dot / Math.sqrt(headSize) + (table[row * numHeads + head] ?? 0);
            });
            const exps = scores.map((score) => Math.exp(score - Math.max(...scores)));
            const total = exps.reduce((a, b) => a + b);
            return keys.reduce((sum, key, i) => sum + ((exps[i] ?? 0) / total) * (qkv[key * 3 * width + 2 * width + channel] ?? 0), 0);
          });
          const expected = noGrad(() => attention.proj.forward(tensor(attended, x.shape)));
          expectClose(actual.toTypedArray(), expected.data);
        });
      },
    ),
    { numRuns: 25 },
  );
});

test.each([
  [8, 8, 4, 2],
  [14, 14, 7, 3],
  [56, 56, 7, 3],
  [12, 8, 4, 1],
  [10, 15, 5, 2],
])("the mask of %i × %i patches, windows of %i, shifted by %i, is the paper's code's: 0 and −100", (height, width, window, shift) => {
  // img_mask with a number for each slice, cut into windows, and every pair compared.
  const image = new Int32Array(height * width);
  const slices = (length: number) =>
    [
      [0, length - window],
      [length - window, length - shift],
      [length - shift, length],
    ] as const;
  let count = 0;
  for (const [top, bottom] of slices(height)) {
    for (const [left, right] of slices(width)) {
      for (let row = top; row < bottom; row++) image.fill(count, row * width + left, row * width + right);
      count++;
    }
  }
  const expected: number[] = [];
  for (let top = 0; top < height; top += window) {
    for (let left = 0; left < width; left += window) {
      const ids = Array.from({ length: window ** 2 }, (_, i) => image[(top + Math.floor(i / window)) * width + left + (i % window)]);
      for (const a of ids) for (const b of ids) expected.push(a === b ? 0 : -100);
    }
  }
  const mask = shiftMask({ padded: [height, width], window: [window, window], shift: [shift, shift] });
  expect([...mask]).toEqual(expected);
  expect(mask.includes(-100)).toBe(true);
});

test("the bias of a pair is the table's row for their distance, one column a head", async () => {
  expect([...relativePositionIndex([2, 2], 2)]).toEqual([4, 3, 1, 0, 5, 4, 2, 1, 7, 6, 4, 3, 8, 7, 5, 4]);
  const index = relativePositionIndex([7, 7], 7);
  expect(new Set(index).size).toBe(13 ** 2);
  expect([Math.min(...index), Math.max(...index)]).toEqual([0, 168]);
  for (let i = 0; i < 49; i++) expect(index[i * 49 + i]).toBe(84); // a patch and itself: the middle
  // Smaller windows use the middle of the table: the same distance has the same row.
  const small = relativePositionIndex([2, 3], 7);
  expect(small[5]).toBe(index[7 + 2]);

  await init();
  using attention = new WindowAttention({ width: 8, numHeads: 2, windowSize: 4 }).initialize(new Rng(9));
  expect(attention.relativePositionBiasTable.shape).toEqual([49, 2]);
  scope(() => {
    const plan = planWindows(windowGrid([4, 4], 4, 0, "huggingFace"), 4);
    const x = normal([1, 16, 8], 10);
    const probabilitiesOf = (): Tensor => {
      const trace = new Trace();
      noGrad(() => attention.forward(x, { plan, trace }));
      return trace.attentions[0]!;
    };
    const before = probabilitiesOf();
    attention.relativePositionBiasTable.data[24 * 2 + 1] = 1000; // head 1, distance 0
    const after = probabilitiesOf();
    expect([...after.data.subarray(0, 256)]).toEqual([...before.data.subarray(0, 256)]);
    for (let i = 0; i < 16; i++) expect(after.data[256 + i * 17]).toBeCloseTo(1, 6);
    backward(mean(attention.forward(x, { plan })));
    expect(attention.relativePositionBiasTable.grad?.shape).toEqual([49, 2]);
  });
});
