/** Images mixed with each other, and erased parts. */
import { init, intTensor, keep, Rng, scope, tensor, type Tensor, zeros } from "@x/layers";
import { checkForLeaks } from "@x/testing";
import { beforeAll, expect, test } from "vitest";
import { mix, sharesOf } from "../src/augment/mixing.ts";
import { randomErasing } from "../src/augment/random-erasing.ts";

beforeAll(() => init({ threads: 1 }));
checkForLeaks();

/** Image i is all i. */
const plain = (count: number): Tensor =>
  tensor(
    Array.from({ length: count }, (_, i) => Array<number>(2 * 8 * 6).fill(i)),
    [count, 2, 8, 6],
  );

test.each(["mixUp", "cutMix"] as const)("%s: an image's classes have the shares of its pixels", (kind) => {
  for (let number = 0; number < 40; number++) {
    scope(() => {
      const images = plain(4);
      const targets = sharesOf(intTensor([0, 1, 2, 3]), 4, 0);
      mix(images, targets, { rng: new Rng(number), [kind]: 1 });
      const shares = targets.toArray(2);
      for (const [i, row] of shares.entries()) {
        expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
        const values = images.data.subarray(i * 96, (i + 1) * 96);
        const mean = values.reduce((a, b) => a + b, 0) / 96;
        expect(mean).toBeCloseTo(
          row.reduce((sum, share, id) => sum + share * id, 0),
          4,
        );
        expect(new Set(values).size).toBeLessThanOrEqual(kind === "mixUp" ? 1 : 2);
      }
    });
  }
});

test("without α nothing is mixed; smoothing is spread", () => {
  scope(() => {
    const images = plain(2);
    const targets = sharesOf(intTensor([0, 1]), 2, 0.1);
    mix(images, targets, { rng: new Rng(1) });
    expect(targets.toArray(2).flat()).toEqual([0.95, 0.05, 0.05, 0.95].map((share) => expect.closeTo(share, 6)));
    expect(new Set(images.data)).toEqual(new Set([0, 1]));
  });
});

test("erasing fills one box of an image, the same in every channel, and leaves the others", () => {
  let erased = 0;
  for (let number = 0; number < 60; number++) {
    using images = keep(zeros([2, 2, 12, 12]));
    randomErasing(images, { rng: new Rng(number), probability: 0.5 });
    for (let image = 0; image < 2; image++) {
      const planes = [0, 1].map((channel) => images.data.subarray((2 * image + channel) * 144, (2 * image + channel + 1) * 144));
      const places = planes.map((plane) => [...plane.keys()].filter((i) => plane[i] !== 0));
      expect(places[1]).toEqual(places[0]);
      if (places[0]?.length === 0) continue;
      erased++;
      const rows = new Set(places[0]?.map((i) => Math.floor(i / 12)));
      const columns = new Set(places[0]?.map((i) => i % 12));
      expect(places[0]?.length, "a box").toBe(rows.size * columns.size);
      expect((rows.size * columns.size) / 144).toBeLessThan(0.5);
    }
  }
  expect(erased / 120).toBeCloseTo(0.5, 0);
});
