/** One call that finds the class. */
import { fileURLToPath } from "node:url";
import { init } from "@x/layers";
import { embedText } from "@x/models-nlp";
import { embedImage } from "@x/models-vision";
import { checkForLeaks, unfoundClasses } from "@x/testing";
import { beforeAll, expect, test } from "vitest";
import { imageTextFamilies, load, pipeline } from "../src/auto/index.ts";
import * as door from "../src/index.ts";
import { zeroShot } from "../src/index.ts";

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const model = at("../clip-emoji/model");
const picture = at("../models-vision/golden/classify/sky.jpg");

beforeAll(() => init());
checkForLeaks();

test("every class is in the table", async () => {
  expect(await unfoundClasses(door, imageTextFamilies)).toEqual([]);
});

test.each(["hugging_face", "open_clip_resnet", "open_clip_vit", "torch_script/ViT-tiny.pt"])("%s is a CLIP", async (folder) => {
  using found = await load(at(`golden/${folder}`));
  expect(found.constructor.name).toBe("CLIP");
});

test("pipelines are the tasks' functions", async () => {
  const labels = ["sky", "dog"];
  using see = await pipeline("zero-shot-image-classification", model);
  const options = { templates: ["a {label}"], topK: 1 };
  using classifier = await zeroShot(see.model, labels, { templates: options.templates });
  expect(await see(picture, labels, options)).toEqual(await classifier.classify(picture, { topK: 1 }));
  expect(await see([picture], labels)).toHaveLength(1);
  using image = await pipeline("image-feature-extraction", model);
  expect(await image(picture)).toEqual(await embedImage(image.model, picture));
  using text = await pipeline("feature-extraction", model);
  expect(await text(["sky"])).toEqual(await embedText(text.model, ["sky"]));
  await expect(pipeline("text-to-image" as never, model)).rejects.toThrow('but "text-to-image" came');
});
