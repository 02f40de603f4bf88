/** What pages need: progress that is drawn, and a folder as one file. */
import { unzipSync } from "fflate";
import { expect, test } from "vitest";
import { pageProgress } from "../src/page.ts";
import { zipOf } from "../src/zip.ts";
import { memoryDirectory } from "./directory.ts";

/** As much of an element as is drawn into. */
function elementOf() {
  const children: Record<string, unknown>[] = [];
  const ownerDocument = { createElement: (name: string) => ({ name }) };
  const element = { ownerDocument, replaceChildren: (...all: Record<string, unknown>[]) => void children.push(...all) };
  return { children, element: element as unknown as HTMLElement };
}

test("a bar, the numbers, and the curve with every step and evaluation", () => {
  const { children, element } = elementOf();
  const { onStep, onEvaluation } = pageProgress(element, { metric: "accuracy" });
  const rest = { epoch: 0.1, learningRate: 1, gradientNorm: 1, steps: 3 };
  onStep({ ...rest, step: 1, loss: 0.75, secondsLeft: 7300 });
  onEvaluation({ step: 1, epoch: 0.1, validation: { loss: 0.6, accuracy: 0.5 } });
  onStep({ ...rest, step: 2, loss: 0.5, secondsLeft: 90 });
  const [bar, line, figure] = children;
  expect(bar).toMatchObject({ name: "progress", max: 3, value: 2 });
  expect(line).toMatchObject({ name: "output", textContent: "2 of 3 steps · loss 0.5000 · 1 min left · validation accuracy 0.5000" });
  onStep({ ...rest, step: 3, loss: 0.25, secondsLeft: 0 });
  expect(figure).toMatchObject({ name: "figure", innerHTML: expect.stringMatching(/^<svg [\s\S]*>validation<[\s\S]*<\/svg>\n$/) });
  expect(() => pageProgress({} as HTMLElement)).toThrow("pageProgress: element must be an element of the page");
});

test("a folder as a zip: every file, byte for byte", async () => {
  const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);
  const files = new Map([
    ["config.json", new Blob(["{}"])],
    ["model.safetensors", new Blob([bytes])],
    ["empty.txt", new Blob()],
  ]);
  const zip = await zipOf(memoryDirectory(files));
  expect(zip.type).toBe("application/zip");
  const found = unzipSync(new Uint8Array(await zip.arrayBuffer()));
  expect(Object.keys(found).sort()).toEqual(["run/config.json", "run/empty.txt", "run/model.safetensors"]);
  expect(found["run/model.safetensors"]).toEqual(bytes);
});
