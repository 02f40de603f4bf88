/** The folder `image`: Pillow's resizing, byte for byte, and Hugging Face's processors. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { init } from "@x/layers";
import type { JsonObject } from "@x/layers/model";
import { ImageProcessor, type Resample, resizeImage } from "@x/models-vision";
import { compare, type Comparison } from "../compare.ts";
import { golden, type GoldenTensor } from "../fixture.ts";

const imageNet = {
  clip: { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] },
  vit: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
};

export async function checkImages(folder: string): Promise<{ rows: Comparison[]; uncovered: string[] }> {
  await init();
  const rows: Comparison[] = [];
  const uncovered: string[] = [];
  const resizes = join(folder, "pil_resize.json");
  if (existsSync(resizes)) {
    const file = JSON.parse(await readFile(resizes, "utf8")) as { src: number[]; shape: [number, number, number] } & Record<
      string,
      number[]
    >;
    const [height, width] = file.shape;
    const source = { width, height, data: Uint8Array.from(file.src) };
    for (const [key, data] of Object.entries(file)) {
      const [found, resample, first, second] = /^(\w+)_(\d+)x(\d+)$/.exec(key) ?? [];
      if (found === undefined) continue;
      const { data: resized } = resizeImage(source, Number(first), Number(second), resample as Resample);
      const exact = resized.length === data.length && resized.every((value, i) => value === data[i]);
      rows.push({ ...compare("image", key, resized, { shape: [Number(second), Number(first), 3], data }), agrees: exact });
    }
  }
  const processors = join(folder, "processors.json");
  if (existsSync(processors)) {
    const png = await readFile(join(folder, "src_53x37.png"));
    for (const [key, expected] of Object.entries(JSON.parse(await readFile(processors, "utf8")) as JsonObject).flatMap(([name, value]) =>
      golden(name, value),
    )) {
      const settings = processorSettings(key, expected);
      if (!settings) {
        uncovered.push(`image/processors.json ${key}`);
        continue;
      }
      using pixels = await ImageProcessor.fromConfig(settings).process(png);
      rows.push(compare("image", key, pixels.data, expected));
    }
  }
  return { rows, uncovered };
}

/** `clip_pil_20_16`: shortest edge 20, crop 16. `vit_pil_24`: 24 × 24. */
function processorSettings(key: string, { shape }: GoldenTensor): JsonObject | undefined {
  const [kind, , edge] = key.split("_");
  if (shape.length !== 3 && shape.length !== 4) return undefined;
  if (kind === "clip") {
    const side = shape.at(-1) ?? 0;
    const { mean, std } = imageNet.clip;
    return {
      image_processor_type: "CLIPImageProcessor",
      size: { shortest_edge: Number(edge) },
      crop_size: { height: side, width: side },
      resample: 3,
      image_mean: mean,
      image_std: std,
    };
  }
  if (kind === "vit")
    return {
      size: { height: shape.at(-2) ?? 0, width: shape.at(-1) ?? 0 },
      resample: 2,
      image_mean: imageNet.vit.mean,
      image_std: imageNet.vit.std,
    };
  return undefined;
}
