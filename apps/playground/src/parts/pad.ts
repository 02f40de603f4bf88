import { h } from "../dom.ts";
import { button } from "./controls.ts";

export interface Pad {
  readonly element: HTMLElement;
  /** Where rooms may draw over what the visitor draws. */
  readonly over: HTMLCanvasElement;
  /** What was drawn, `side` pixels wide. */
  pixels(side?: number): ImageData;
  clear(): void;
  /** Draws a picture in place of what is there. */
  put(draw: (context: CanvasRenderingContext2D, side: number) => void): void;
}

export interface PadOptions {
  readonly label: string;
  readonly ink: string;
  readonly paper: string;
  /** Width of a line, in parts of the pad's side. */
  readonly line: number;
  /** Colours to choose from, `ink` among them. Default: none but `ink`. */
  readonly inks?: Readonly<Record<string, string>> | undefined;
  /** After every stroke's every move. */
  readonly onDraw: () => void;
}

const SIDE = 280;

/** Something to draw on, by pointer or by keyboard: arrows move the pen, Space lowers and lifts it, Delete clears. */
export function pad({ label, ink, paper, line, inks = {}, onDraw }: PadOptions): Pad {
  const canvas = h("canvas", {
    width: SIDE,
    height: SIDE,
    tabIndex: 0,
    role: "img",
    "aria-label": `${label}. Draw with a pointer, or with the keyboard: arrows move the pen, Space lowers or lifts it, Delete clears.`,
  });
  const over = h("canvas", { className: "over", "aria-hidden": "true" });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("this browser has no canvas");
  let [colour, isDown, x, y] = [ink, false, SIDE / 2, SIDE / 2];
  const blank = (): void => {
    context.fillStyle = paper;
    context.fillRect(0, 0, SIDE, SIDE);
  };
  const stroke = (toX: number, toY: number): void => {
    context.strokeStyle = colour;
    context.lineWidth = line * SIDE;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(toX + 0.01, toY);
    context.stroke();
    [x, y] = [toX, toY];
    onDraw();
  };
  const place = ({ clientX, clientY }: PointerEvent): [number, number] => {
    const box = canvas.getBoundingClientRect();
    return [((clientX - box.left) / box.width) * SIDE, ((clientY - box.top) / box.height) * SIDE];
  };
  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    [x, y] = place(event);
    isDown = true;
    stroke(x, y);
  };
  canvas.onpointermove = (event) => isDown && stroke(...place(event));
  canvas.onpointerup = canvas.onpointercancel = () => (isDown = false);
  canvas.onkeydown = (event) => {
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [-12, 0],
      ArrowRight: [12, 0],
      ArrowUp: [0, -12],
      ArrowDown: [0, 12],
    };
    const [dx, dy] = moves[event.key] ?? [0, 0];
    const inside = (at: number): number => Math.min(SIDE, Math.max(0, at));
    if (event.key === " ") {
      isDown = !isDown;
      if (isDown) stroke(x, y);
    } else if (event.key === "Delete" || event.key === "Backspace") clear();
    else if (dx === 0 && dy === 0) return;
    else if (isDown) stroke(inside(x + dx), inside(y + dy));
    else [x, y] = [inside(x + dx), inside(y + dy)];
    event.preventDefault();
  };
  canvas.onblur = () => (isDown = false);
  const clear = (): void => {
    blank();
    onDraw();
  };
  blank();
  const colours = Object.entries(inks).map(([name, value]) =>
    h("button", {
      type: "button",
      className: "ink",
      style: `background:${value}`,
      "aria-label": name,
      title: name,
      "aria-pressed": String(value === ink),
      onclick({ currentTarget }: MouseEvent) {
        colour = value;
        for (const other of colours) other.setAttribute("aria-pressed", String(other === currentTarget));
      },
    }),
  );
  return {
    element: h(
      "div",
      { className: "pad" },
      h("div", { className: "picture" }, canvas, over),
      h("div", { className: "row under" }, colours, button("Clear", clear)),
    ),
    over,
    pixels(side = SIDE) {
      const small = new OffscreenCanvas(side, side).getContext("2d");
      if (!small) throw new Error("this browser has no canvas");
      small.imageSmoothingQuality = "high";
      small.drawImage(canvas, 0, 0, side, side);
      return small.getImageData(0, 0, side, side);
    },
    clear,
    put(draw) {
      blank();
      draw(context, SIDE);
      onDraw();
    },
  };
}
