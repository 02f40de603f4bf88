/** The picture of a run: drawn whatever the history is. */
import { expect, test } from "vitest";
import { curveOf, type HistoryEntry } from "../src/index.ts";

const step = (number: number, loss: number): HistoryEntry => ({ step: number, epoch: number / 10, loss, learningRate: 1, gradientNorm: 1 });
const falling = Array.from({ length: 3000 }, (_, i) => step(i + 1, 0.5 + 2 * Math.exp(-i / 100)));
const evaluation = (number: number, loss: number): HistoryEntry => ({ step: number, epoch: number / 10, validation: { loss } });

test.each<readonly [string, readonly HistoryEntry[]]>([
  ["nothing yet", []],
  ["one step", [step(1, 0.7)]],
  ["always the same", [step(1, 0.7), step(2, 0.7)]],
  ["zeros", [step(1, 0), step(2, 0)]],
  ["an evaluation alone", [evaluation(4, 1)]],
  ["many", falling],
])("%s", (_, history) => {
  const svg = curveOf(history, "A < B & C");
  expect(svg).toMatch(/^<svg [\s\S]*A &lt; B &amp; C[\s\S]*<\/svg>\n$/);
  expect(svg).not.toMatch(/NaN|Infinity/);
  expect(svg.length).toBeLessThan(30_000);
});

test("the lowest evaluation is marked with its number", () => {
  const svg = curveOf([...falling.slice(0, 40), evaluation(10, 0.9), evaluation(20, 0.75), evaluation(40, 0.8)]);
  expect(svg.match(/font-weight="600">([\d.]+)</)?.[1]).toBe("0.75");
});
