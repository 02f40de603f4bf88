/** What a visitor does in each room, and what the room must show for it. */
import type { Page } from "puppeteer-core";

/** Waits until a function of the page says yes. */
const until = (page: Page, holds: () => boolean): Promise<unknown> => page.waitForFunction(holds, { timeout: 60_000, polling: 100 });

const write = async (page: Page, selector: string, text: string): Promise<void> => {
  await page.$eval(selector, (input) => ((input as HTMLInputElement).value = ""));
  await page.type(selector, text);
};

const press = (page: Page, selector: string): Promise<void> => page.$eval(selector, (button) => (button as HTMLElement).click());

/** A stroke on the pad, by pointer: shares of its side. */
async function stroke(page: Page, places: readonly (readonly [x: number, y: number])[]): Promise<void> {
  await page.$eval(".pad", (pad) => pad.scrollIntoView({ block: "center" }));
  const box = await (await page.$(".pad canvas"))?.boundingBox();
  if (!box) throw new Error("there is no pad");
  const at = ([x, y]: readonly [number, number]): [number, number] => [box.x + x * box.width, box.y + y * box.height];
  const [first = [0.5, 0.5], ...others] = places;
  await page.mouse.move(...at(first));
  await page.mouse.down();
  for (const place of others) await page.mouse.move(...at(place), { steps: 6 });
  await page.mouse.up();
}

const aOne = [
  [0.5, 0.15],
  [0.5, 0.85],
] as const;

export const uses: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  async digit(page) {
    await press(page, ".under button"); // clear
    await until(page, () => document.querySelector(".told")?.textContent === "Draw a digit.");
    await stroke(page, aOne);
    await until(page, () => document.querySelector(".told")?.textContent?.endsWith("a 1.") === true);
    await press(page, ".heads button");
    await until(page, () => document.querySelector('.heads [aria-pressed="true"]') !== null);
    const colours = await page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>(".heads canvas");
      const pixels = canvas?.getContext("2d")?.getImageData(0, 0, 7, 7).data ?? [];
      return Array.from({ length: 49 }, (_, i) => Array.from({ length: 4 }, (_channel, c) => pixels[4 * i + c] ?? 0)).filter(
        ([, , , opacity = 0]) => opacity > 128,
      );
    });
    const isWarm = ([red = 0, green = 0, blue = 0]: readonly number[]): boolean => red > 200 && green > 70 && green < 160 && blue < green;
    if (colours.length === 0 || !colours.every(isWarm)) throw new Error(`heads are painted in ${JSON.stringify(colours)}`);
  },
  async mae(page) {
    await page.$eval("input[type=range]", (input) => {
      (input as HTMLInputElement).value = "0.9";
      input.dispatchEvent(new Event("input"));
    });
    await until(page, () => document.querySelector(".hint[aria-live]")?.textContent?.startsWith("5 of 49") === true);
    await press(page, '.patches [aria-pressed="true"]');
    await until(page, () => document.querySelector(".hint[aria-live]")?.textContent?.startsWith("6 of 49") === true);
    await until(page, () => (document.querySelectorAll<HTMLCanvasElement>(".pair canvas")[1]?.width ?? 0) === 28);
  },
  async swin(page) {
    await page.focus(".pair canvas");
    await page.keyboard.press("ArrowRight");
    await until(page, () => /reads a \d/.test(document.querySelector(".columns .hint[aria-live]")?.textContent ?? ""));
  },
  async mixer(page) {
    await until(page, () => document.querySelectorAll(".tiles button").length === 48);
    await press(page, ".tiles button");
    await until(page, () => document.querySelector('.tiles [aria-pressed="true"]') !== null);
    await until(page, () => document.querySelector(".bars .best") !== null);
  },
  async mask(page) {
    await write(page, ".big", "The Senate of the United [MASK] has the power.");
    await until(page, () => /senate.*power\.\[SEP\]/.test(document.querySelector(".links")?.textContent ?? "")); // all that was typed
    await until(page, () => document.querySelector(".guesses .best span")?.textContent === "states");
    await page.$eval(".links text[role=button]", (word) => (word as SVGElement).focus());
    await page.keyboard.press("Enter");
    await until(page, () => document.querySelector(".links .chosen") !== null);
  },
  async translate(page) {
    await write(page, ".big", "A class can only extend a single class.");
    await until(page, () => document.querySelector(".told")?.textContent?.includes("Klasse") === true);
    await until(page, () => document.querySelectorAll(".attention tbody tr").length > 3);
  },
  async fnet(page) {
    await until(page, () => document.querySelector(".words button:nth-child(3)") !== null);
    await press(page, ".words button:nth-child(3)");
    await until(page, () => document.querySelector(".words button:nth-child(3)")?.getAttribute("aria-pressed") === "true");
    await until(page, () => document.querySelectorAll(".bars li").length === 5);
  },
  async emoji(page) {
    await write(page, "input[type=search]", "birthday cake");
    await until(page, () => document.querySelector(".emoji .name")?.textContent === "birthday cake");
    await stroke(page, aOne);
    await until(page, () => document.querySelectorAll(".columns .emoji li").length === 12);
  },
  async similarity(page) {
    await until(page, () => document.querySelectorAll(".matrix tbody tr").length === 8);
    await page.$eval(".choice label:nth-of-type(2) input", (input) => (input as HTMLInputElement).click());
    await until(page, () => {
      const row = [...document.querySelectorAll(".matrix tbody tr:first-of-type td")].map((cell) => Number(cell.textContent));
      return Math.abs(row.reduce((a, b) => a + b, 0) - 1) < 0.05;
    });
  },
  async train(page) {
    await stroke(page, [
      [0.3, 0.3],
      [0.7, 0.7],
    ]);
    await press(page, ".class:nth-of-type(2) .between button");
    await until(page, () => document.querySelectorAll(".class:nth-of-type(2) .samples button").length === 5);
    await page.evaluate(() => {
      const create = URL.createObjectURL.bind(URL);
      URL.createObjectURL = (blob: Blob) => {
        Object.assign(window, { packed: blob });
        return create(blob);
      };
    });
    await press(page, ".primary");
    await until(page, () => document.querySelector(".halves [role=status]")?.textContent?.startsWith("Trained") === true);
    await stroke(page, [
      [0.2, 0.5],
      [0.8, 0.5],
    ]);
    await until(page, () => document.querySelectorAll(".bars li").length === 2);
    await press(page, ".primary + button");
    await until(page, () => /^Saved|^It can't/.test(document.querySelector(".halves [role=status]")?.textContent ?? ""));
  },
  async bench(page) {
    await press(page, ".primary");
    await until(
      page,
      () => document.querySelectorAll(".results tbody tr").length === 3 && !document.querySelector<HTMLButtonElement>(".primary")?.disabled,
    );
    const apart = await page.$$eval(".results tbody td:last-child", (cells) => cells.map((cell) => Number(cell.textContent)));
    if (!apart.every((difference) => difference < 1e-2)) throw new Error(`the two disagree: ${apart.join(", ")}`);
  },
  async own(page) {
    await page.evaluate(async () => {
      const names = ["config.json", "model.safetensors", "preprocessor_config.json"];
      const transfer = new DataTransfer();
      for (const name of names) transfer.items.add(new File([await (await fetch(`models/digits-vit/${name}`)).blob()], name));
      const input = document.querySelector<HTMLInputElement>("#folder");
      if (input) input.files = transfer.files;
      input?.dispatchEvent(new Event("change"));
    });
    await until(page, () => document.querySelector(".trying input[type=file]") !== null);
    await page.evaluate(async () => {
      const canvas = new OffscreenCanvas(28, 28);
      canvas.getContext("2d")?.fillRect(0, 0, 28, 28);
      const transfer = new DataTransfer();
      transfer.items.add(new File([await canvas.convertToBlob()], "black.png", { type: "image/png" }));
      const input = document.querySelector<HTMLInputElement>(".trying input[type=file]");
      if (input) input.files = transfer.files;
    });
    await press(page, ".trying .primary");
    await until(page, () => document.querySelectorAll(".trying .bars li").length === 5);
  },
};
