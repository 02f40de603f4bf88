/** dropout and dropPath: their masks, and how often they drop. */
import { checkForLeaks, expectClose, normal } from "@x/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { dropout as dropoutReference } from "@x/core-wasm/reference/dropout";
import { bernoulli } from "@x/core-wasm/reference/random";
import { backward, dropout, dropPath, init, ones, Rng, scope, tensor } from "../src/index.ts";

beforeAll(() => init({ threads: 1 }));
checkForLeaks();

describe("dropout", () => {
  test.for([0, 1, 3, 5, 17, 64, 1000])("%i elements: the reference's numbers, and the same mask in the backward pass", (length) => {
    scope(() => {
      const x = normal([length], 1);
      x.requiresGrad = true;
      const y = dropout(x, 0.3, new Rng(7, 2));
      expectClose(y.toTypedArray(), dropoutReference(x.data, 0.7, { seed: 7, stream: 2 }), "y");
      backward(y, ones([length]));
      const factors = Array.from(x.grad?.data ?? []);
      expectClose(
        y.toTypedArray(),
        factors.map((factor, i) => factor * (x.data[i] ?? 0)),
        "x · the gradient's mask",
      );
    });
  });

  test("drops a share p, keeps the mean, and draws anew each time", () => {
    scope(() => {
      const rng = new Rng(3);
      const [first, second] = [dropout(ones([100_000]), 0.2, rng), dropout(ones([100_000]), 0.2, rng)];
      const kept = first.data.filter((value) => value !== 0);
      expect(kept.every((value) => value === Math.fround(1 / Math.fround(0.8)) || Math.abs(value - 1.25) < 1e-6)).toBe(true);
      expect(Math.abs(kept.length / 100_000 - 0.8)).toBeLessThan(0.005); // four standard deviations
      const both = first.data.filter((value, i) => value !== 0 && second.data[i] !== 0);
      expect(Math.abs(both.length / 100_000 - 0.64)).toBeLessThan(0.0065);
    });
  });

  test("of what it keeps is NaN and infinity only where x is", () => {
    scope(() => {
      const y = dropout(tensor([1, Number.NaN, Infinity, 4]), 0.5, new Rng(1));
      const factors = dropout(ones([4]), 0.5, new Rng(1)).data;
      expect(Array.from(y.data, (value, i) => (factors[i] === 0 ? value : 0))).toEqual([0, 0, 0, 0]);
    });
  });
});

describe("dropPath", () => {
  test("drops whole samples, scales the others, and does the same to gradients", () => {
    scope(() => {
      const x = normal([64, 3, 5], 1);
      x.requiresGrad = true;
      const y = dropPath(x, 0.4, new Rng(11));
      const factors = bernoulli(64, 0.6, 1 / 0.6, { seed: 11, stream: 0 });
      expectClose(
        y.toTypedArray(),
        Array.from(x.data, (value, i) => value * (factors[Math.floor(i / 15)] ?? 0)),
        "y",
      );
      backward(y, ones(y.shape));
      expectClose(
        x.grad?.data ?? [],
        Array.from(x.data, (_, i) => factors[Math.floor(i / 15)] ?? 0),
        "gradient",
      );
    });
  });

  test("drops a share p of the samples", () => {
    scope(() => {
      const kept = dropPath(ones([20_000, 1]), 0.25, new Rng(5)).data.filter((value) => value !== 0).length;
      expect(Math.abs(kept / 20_000 - 0.75)).toBeLessThan(0.0125); // four standard deviations
    });
  });
});
