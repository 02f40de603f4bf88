import { proxy } from "comlink";
import { h, svg } from "../dom.ts";
import { bars } from "../parts/bars.ts";
import { button, choice } from "../parts/controls.ts";
import { latest } from "../parts/latest.ts";
import { pad } from "../parts/pad.ts";
import { webcam } from "../parts/webcam.ts";
import type { View } from "../room.ts";
import type { Example, TrainWork } from "./train.work.ts";

const SIDE = 28;

interface Class {
  readonly name: HTMLInputElement;
  readonly examples: Float32Array<ArrayBuffer>[];
  readonly element: HTMLElement;
  show(): void;
}

export const view: View<TrainWork> = async ({ stage, note, signal, open }) => {
  const drawing = pad({
    label: "A place to draw an example",
    ink: "#ffffff",
    paper: "#000000",
    line: 0.08,
    onDraw: () => read(pixelsOf(drawing.pixels(SIDE))),
  });
  const camera = webcam(signal, (image) => read(pixelsOf(image)));
  const source = h("div", {}, drawing.element);
  const pick = choice("Pictures from", ["Drawing", "Webcam"], "Drawing", (from) => {
    source.replaceChildren(from === "Drawing" ? drawing.element : camera.element);
    if (from === "Webcam") void camera.start();
    else camera.stop();
  });
  const classes: Class[] = [];
  const list = h("div", { className: "classes" });
  const [told, curve, shares] = [h("p", { className: "hint", role: "status" }, ""), lossCurve(), bars("What it takes the picture for")];
  const start = button("Train", () => void learn(), "primary");
  const save = button("Download the model", () => void download());
  const more = button("Another class", () => addClass(["third", "fourth"][classes.length - 2] ?? "other"));
  save.disabled = true;
  let isTrained = false;
  stage.append(
    h(
      "div",
      { className: "columns" },
      h("div", { className: "narrow" }, h("div", { className: "under" }, pick), source),
      h("div", {}, list, h("div", { className: "row under" }, more)),
    ),
    h(
      "div",
      { className: "halves" },
      h(
        "section",
        { className: "card" },
        h("div", { className: "row between" }, h("h2", {}, "Loss"), h("div", { className: "row" }, start, save)),
        curve.element,
        told,
      ),
      h("section", { className: "card" }, h("h2", {}, "Now draw something new"), shares.element),
    ),
  );
  addClass(
    "circle",
    Array.from({ length: 4 }, () => sketch((context) => context.arc(0, 0, 0.3, 0, 2 * Math.PI))),
  );
  addClass(
    "cross",
    Array.from({ length: 4 }, () => sketch(cross)),
  );
  const work = await open();
  await note(
    "The autoencoder's encoder, which learned from digits without labels, with a new head: all layers trained for 90 steps in this tab. ViTForImageClassification.from_pretrained of Hugging Face's transformers reads the download.",
  );

  const read = latest<Float32Array<ArrayBuffer>>(async (pixels) => {
    if (!isTrained) return;
    const found = await work.read(pixels);
    shares.show(
      classes.map(({ name }, i) => ({ label: name.value, share: found[i] ?? 0 })),
      found.indexOf(Math.max(...found)),
    );
  });

  function addClass(title: string, examples: Float32Array<ArrayBuffer>[] = []): void {
    const number = classes.length;
    const name = h("input", { type: "text", value: title, "aria-label": `Name of class ${number + 1}` });
    const thumbs = h("div", { className: "samples" });
    const add = button("Add", () => {
      examples.push(pixelsOf(camera.isOn() ? camera.pixels(SIDE) : drawing.pixels(SIDE)));
      if (!camera.isOn()) drawing.clear();
      show();
    });
    add.setAttribute("aria-label", `Add the picture to class ${number + 1}`);
    const show = (): void => {
      thumbs.replaceChildren(
        ...examples.map((pixels, i) =>
          h(
            "button",
            { type: "button", "aria-label": `Remove example ${i + 1}`, title: "Remove", onclick: () => (examples.splice(i, 1), show()) },
            thumbnail(pixels),
          ),
        ),
      );
      const lacking = classes.filter((each) => each.examples.length < 3).length;
      told.textContent =
        lacking > 0 ? "Give each class three examples or more." : "Ready to train. Add your own, or press an example to remove it.";
      start.disabled = lacking > 0;
    };
    classes.push({ name, examples, element: thumbs, show });
    list.append(h("section", { className: "card class" }, h("div", { className: "row between" }, name, add), thumbs));
    more.disabled = classes.length === 4;
    show();
  }

  async function learn(): Promise<void> {
    const examples: Example[] = classes.flatMap(({ examples: own }, label) => own.map((pixels) => ({ pixels, label })));
    const labels = classes.map(({ name }, i) => name.value.trim() || `class ${i + 1}`);
    start.disabled = true;
    isTrained = false;
    const losses: number[] = [];
    const onStep = proxy((share: number, loss: number) => {
      losses.push(loss);
      curve.show(losses, 90);
      told.textContent = `${Math.round(100 * share)} %, loss ${loss.toFixed(3)}`;
    });
    await work.train(examples, labels, onStep);
    isTrained = true;
    start.disabled = save.disabled = false;
    told.textContent = `Trained: loss ${(losses.at(-1) ?? 0).toFixed(3)}.`;
    read(pixelsOf(camera.isOn() ? camera.pixels(SIDE) : drawing.pixels(SIDE)));
  }

  async function download(): Promise<void> {
    try {
      const address = URL.createObjectURL(new Blob([await work.download()], { type: "application/zip" }));
      h("a", { href: address, download: "my-classifier.zip" }).click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
      told.textContent = "Saved as my-classifier.zip.";
    } catch (error) {
      told.textContent = `It can't be packed here: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
};

/** A drawing to begin with, about the middle of a square of 1, no two alike. */
function sketch(draw: (context: OffscreenCanvasRenderingContext2D) => void): Float32Array<ArrayBuffer> {
  const context = new OffscreenCanvas(SIDE, SIDE).getContext("2d");
  if (!context) throw new Error("this browser has no canvas");
  const near = (range: number): number => range * (Math.random() - 0.5);
  context.fillRect(0, 0, SIDE, SIDE);
  context.translate(SIDE * (0.5 + near(0.15)), SIDE * (0.5 + near(0.15)));
  context.rotate(near(0.6));
  context.scale(SIDE * (1 + near(0.4)), SIDE * (1 + near(0.4)));
  context.lineWidth = 0.08;
  context.lineCap = "round";
  context.strokeStyle = "#fff";
  context.beginPath();
  draw(context);
  context.stroke();
  return pixelsOf(context.getImageData(0, 0, SIDE, SIDE));
}

function cross(context: OffscreenCanvasRenderingContext2D): void {
  context.moveTo(-0.28, -0.28);
  context.lineTo(0.28, 0.28);
  context.moveTo(0.28, -0.28);
  context.lineTo(-0.28, 0.28);
}

/** Red, green and blue planes from −1 to 1. */
function pixelsOf({ data }: ImageData): Float32Array<ArrayBuffer> {
  return Float32Array.from(
    { length: 3 * SIDE * SIDE },
    (_, i) => (data[4 * (i % (SIDE * SIDE)) + Math.floor(i / (SIDE * SIDE))] ?? 0) / 127.5 - 1,
  );
}

function thumbnail(pixels: Float32Array): HTMLCanvasElement {
  const canvas = h("canvas", { width: SIDE, height: SIDE, className: "pixels" });
  const image = new ImageData(SIDE, SIDE);
  for (let i = 0; i < SIDE * SIDE; i++)
    for (let c = 0; c < 4; c++) image.data[4 * i + c] = c === 3 ? 255 : 127.5 * ((pixels[c * SIDE * SIDE + i] ?? 0) + 1);
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  return canvas;
}

function lossCurve(): { readonly element: SVGElement; show(losses: readonly number[], steps: number): void } {
  const line = svg("polyline", {
    fill: "none",
    stroke: "var(--accent)",
    "stroke-width": 2,
    "vector-effect": "non-scaling-stroke",
    points: "",
  });
  const element = svg(
    "svg",
    { viewBox: "0 0 300 120", preserveAspectRatio: "none", class: "curve", role: "img", "aria-label": "Loss by step" },
    svg("path", { d: "M0 119.5H300", stroke: "var(--line)" }),
    line,
  );
  return {
    element,
    show(losses, steps) {
      const most = Math.max(...losses, 0.1);
      line.setAttribute(
        "points",
        losses.map((loss, i) => `${((300 * i) / (steps - 1)).toFixed(1)},${(118 - (112 * loss) / most).toFixed(1)}`).join(" "),
      );
    },
  };
}
