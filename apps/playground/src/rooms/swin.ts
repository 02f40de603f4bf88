import { h } from "../dom.ts";
import { asDigit, digitPad } from "../parts/digit-pad.ts";
import { latest } from "../parts/latest.ts";
import { offerDigits, paint, sampleDigits } from "../parts/samples.ts";
import type { View } from "../room.ts";
import type { Block, SwinWork } from "./swin.work.ts";

const [GRID, CELL] = [14, 20];
const SIDE = GRID * CELL;
/** Hues of the four windows. */
const hues = [205, 145, 285, 45] as const;

export const view: View<SwinWork> = async ({ stage, note, open }) => {
  const told = h("p", { className: "hint", "aria-live": "polite" });
  const samples = h("div", {});
  let [row, column] = [6, 6];
  let [digit, blocks]: [Float32Array<ArrayBuffer> | undefined, readonly Block[]] = [undefined, []];
  const canvases = ["windows", "shifted windows"].map((name) => {
    const canvas = h("canvas", {
      width: SIDE,
      height: SIDE,
      tabIndex: 0,
      role: "img",
      "aria-label": `The map of patches in ${name}. Arrows choose a patch.`,
    });
    const pick = ({ clientX, clientY }: PointerEvent): void => {
      const box = canvas.getBoundingClientRect();
      const at = (share: number): number => Math.min(GRID - 1, Math.max(0, Math.floor(share * GRID)));
      [row, column] = [at((clientY - box.top) / box.height), at((clientX - box.left) / box.width)];
      show();
    };
    canvas.onpointermove = pick;
    canvas.onpointerdown = pick;
    canvas.onkeydown = (event) => {
      const moves: Readonly<Record<string, readonly [number, number]>> = {
        ArrowUp: [-1, 0],
        ArrowDown: [1, 0],
        ArrowLeft: [0, -1],
        ArrowRight: [0, 1],
      };
      const move = moves[event.key];
      if (!move) return;
      [row, column] = [(row + move[0] + GRID) % GRID, (column + move[1] + GRID) % GRID];
      event.preventDefault();
      show();
    };
    return canvas;
  });
  const drawing = digitPad(() => read(drawing.pixels()));
  const captions = [
    "Block 1: four windows. The patch under your pointer sees its own window, nothing else.",
    "Block 2: the windows are shifted by three patches and wrap around; a mask keeps what isn't neighbours apart. So news crosses the borders.",
  ];
  stage.append(
    h(
      "div",
      { className: "columns" },
      h("div", { className: "narrow" }, drawing.element, samples),
      h(
        "div",
        {},
        h(
          "div",
          { className: "pair" },
          canvases.map((canvas, i) => h("figure", {}, h("div", { className: "picture" }, canvas), h("figcaption", {}, captions[i]))),
        ),
        told,
      ),
    ),
  );
  const work = await open();
  const digits = await sampleDigits();
  samples.append(...offerDigits(digits, drawing));
  await note(
    "A Swin of two stages, 14 × 14 patches in windows of 7 × 7, then 7 × 7 in one, trained on MNIST. The pictures are the first stage's two blocks.",
    "digits-swin",
  );
  const read = latest<ImageData>(async (image) => {
    digit = asDigit(image);
    if (!digit) return;
    const { probabilities, blocks: seen } = await work.read(digit);
    blocks = seen;
    const best = probabilities.indexOf(Math.max(...probabilities));
    told.textContent = `It reads a ${best} (${(100 * (probabilities[best] ?? 0)).toFixed(0)} %).`;
    show();
  });

  function show(): void {
    for (const [i, canvas] of canvases.entries()) {
      const block = blocks[i];
      const context = canvas.getContext("2d");
      if (block && context && digit) draw(context, digit, block, row * GRID + column);
    }
  }
  drawing.put((context, side) => paint(context, digits[4] ?? [], side));
};

/** The digit, its patches in their windows' colours, and what one patch looks at. */
function draw(context: CanvasRenderingContext2D, digit: Float32Array, { windowOf, attention }: Block, chosen: number): void {
  context.imageSmoothingEnabled = false;
  paint(context, digit, SIDE);
  const looks = attention.subarray(chosen * GRID ** 2, (chosen + 1) * GRID ** 2);
  const most = Math.max(...looks);
  for (let i = 0; i < GRID ** 2; i++) {
    const [x, y] = [(i % GRID) * CELL, Math.floor(i / GRID) * CELL];
    context.fillStyle = `hsl(${hues[windowOf[i] ?? 0] ?? 0} 70% 55% / ${windowOf[i] === windowOf[chosen] ? 0.34 : 0.16})`;
    context.fillRect(x, y, CELL - 1, CELL - 1);
    const share = (looks[i] ?? 0) / most;
    if (share < 0.02) continue;
    context.fillStyle = `rgb(255 122 56 / ${0.9 * share})`;
    context.fillRect(x, y, CELL - 1, CELL - 1);
  }
  context.strokeStyle = "#fff";
  context.lineWidth = 2;
  context.strokeRect((chosen % GRID) * CELL, Math.floor(chosen / GRID) * CELL, CELL - 1, CELL - 1);
}
