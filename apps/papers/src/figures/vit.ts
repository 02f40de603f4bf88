/** What a ViT has learned: Dosovitskiy et al. 2021, figure 7. */

import { SIDE } from "@x/example-data/src/mnist.ts";
import { ViT } from "@x/models-vision";
import { chart } from "../draw/chart.ts";
import { signed, tiles } from "../draw/tiles.ts";
import type { Figure } from "../report.ts";

const PATCH = 4;
const GRID = SIDE / PATCH;

/** Figure 7, left. */
export function filters(model: ViT): Figure {
  const weight = model.namedParameters().get("patchEmbed.proj.weight") ?? model.patchEmbed.parameters()[0];
  const values = weight?.toTypedArray() ?? new Float32Array(); // (D, 3 · P · P) or (D, 3, P, P)
  const each = values.length / model.config.hiddenSize;
  const grey = (unit: number): number[] =>
    Array.from({ length: PATCH ** 2 }, (_, at) => [0, 1, 2].reduce((sum, c) => sum + (values[unit * each + c * PATCH ** 2 + at] ?? 0), 0));
  return {
    title: "What a patch is measured by (figure 7, left)",
    caption: "The linear map's 48 rows as 4 × 4 filters, red positive, blue negative.",
    svg: tiles(
      Array.from({ length: model.config.hiddenSize }, (_, unit) => ({ image: signed(grey(unit), PATCH) })),
      { columns: 16, size: 38 },
    ),
  };
}

/** Figure 7, middle. */
export function positions(model: ViT): Figure {
  const width = model.config.hiddenSize;
  const all = model.posEmbed?.toTypedArray() ?? new Float32Array(); // (1, 1 + 49, D)
  const rows = Array.from({ length: GRID ** 2 }, (_, place) =>
    all.subarray((model.numSpecialTokens + place) * width, (model.numSpecialTokens + place + 1) * width),
  );
  const norm = (a: Float32Array): number => Math.sqrt(a.reduce((sum, value) => sum + value * value, 0));
  const cosine = (a: Float32Array, b: Float32Array): number =>
    a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0) / (norm(a) * norm(b));
  return {
    title: "What it learned about places (figure 7, middle)",
    caption:
      "Each tile is one of the 7 × 7 patches: how similar its position embedding is to every other's (cosine; red alike, blue opposite). Nobody told the model that patches lie in rows and columns.",
    svg: tiles(
      rows.map((row) => ({
        image: signed(
          rows.map((other) => cosine(row, other)),
          GRID,
        ),
      })),
      { columns: GRID, size: 48 },
    ),
  };
}

/** Of each head the mean distance in pixels between a patch and what it looks at. Appendix D.7. */
export function attentionDistances(attention: Float32Array, heads: number): number[] {
  const length = Math.sqrt(attention.length / heads);
  const special = length - GRID ** 2;
  const apart = (a: number, b: number): number => PATCH * Math.hypot((a % GRID) - (b % GRID), Math.floor(a / GRID) - Math.floor(b / GRID));
  return Array.from({ length: heads }, (_, head) => {
    let [sum, weight] = [0, 0];
    for (let a = 0; a < GRID ** 2; a++) {
      for (let b = 0; b < GRID ** 2; b++) {
        const share = attention[(head * length + special + a) * length + special + b] ?? 0;
        sum += share * apart(a, b);
        weight += share;
      }
    }
    return sum / weight;
  });
}

/** Figure 7, right. */
export async function distanceChart(distances: readonly (readonly number[])[]): Promise<Figure> {
  const points = distances.flatMap((heads, layer) =>
    heads.toSorted((a, b) => a - b).map((y, i) => ({ x: layer + 1, y, line: `head ${i + 1}, by distance` })),
  );
  return {
    title: "How far heads look (figure 7, right)",
    caption:
      "Mean distance in pixels between a patch and what each head looks at, over 128 test digits; two patches drawn at random are some 14 pixels apart.",
    svg: await chart(points, { x: "layer", y: "pixels" }),
  };
}
