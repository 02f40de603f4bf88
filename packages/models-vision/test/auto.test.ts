/** One call that finds the class: of every golden folder, of adapters, and of every class that there is. */
import { existsSync, readdirSync } from "node:fs";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { init } from "@x/layers";
import { checkForLeaks, inFolder, unfoundClasses } from "@x/testing";
import { beforeAll, expect, test } from "vitest";
import { imageFamilies, load, pipeline } from "../src/auto/index.ts";
import * as door from "../src/index.ts";
import { classify, embedImage, ViT } from "../src/index.ts";
import { goldenFolder } from "./golden.ts";

beforeAll(() => init());
checkForLeaks();

test("every class is in the table", async () => {
  expect(await unfoundClasses(door, imageFamilies)).toEqual([]);
});

test.each([
  ["vit", "ViT"],
  ["deit_distilled", "ViT"],
  ["mae", "MAE"],
  ["swin", "Swin"],
  ["timm_vit", "ViT"],
  ["dinov2", "ViT"],
  ["dinov2_registers", "ViT"],
  ["timm_map", "ViT"],
  ["swin_v2", "SwinV2"],
  ["timm_swin_v2", "SwinV2"],
  ["timm_swin", "Swin"],
  ["timm_mixer", "MLPMixer"],
])("%s is a %s", async (folder, name) => {
  using model = await load(goldenFolder(folder));
  expect(model.constructor.name).toBe(name);
});

const folders = readdirSync(goldenFolder(".")).filter((name) =>
  ["config.json", "model.safetensors"].every((file) => existsSync(join(goldenFolder(name), file))),
);

test.each(folders)("%s: a class is found", async (folder) => {
  using model = await load(goldenFolder(folder));
  expect(model.numParameters).toBeGreaterThan(0);
});

test("what a masked autoencoder has learned is used as a ViT", async () => {
  using model = await load(goldenFolder("mae"), { task: "image-feature-extraction" });
  expect(model).toBeInstanceOf(ViT);
});

test("what isn't known is told", async () => {
  await inFolder(async (folder) => {
    await copyFile(join(goldenFolder("vit"), "model.safetensors"), join(folder, "model.safetensors"));
    for (const [config, message] of [
      [{ model_type: "convnext" }, "expected model_type vit, deit"],
      [{ model_type: "convnext" }, "found model_type convnext"],
      [{ architecture: "convnext_tiny.fb_in1k" }, "found architecture convnext_tiny.fb_in1k"],
      [{ model_type: "vit", architectures: ["ViTForMaskedImageModeling"] }, "found ForMaskedImageModeling"],
    ] as const) {
      await writeFile(join(folder, "config.json"), JSON.stringify(config));
      await expect(load(folder)).rejects.toThrow(message);
    }
  });
});

test("an adapter's folder: its base, with the adapter merged into it", async () => {
  await inFolder(async (folder) => {
    const config = JSON.parse(await readFile(join(goldenFolder("vit_lora"), "adapter_config.json"), "utf8")) as object;
    await writeFile(join(folder, "adapter_config.json"), JSON.stringify({ ...config, base_model_name_or_path: goldenFolder("vit") }));
    await copyFile(join(goldenFolder("vit_lora"), "adapter_model.safetensors"), join(folder, "adapter_model.safetensors"));
    using model = await load(folder);
    using plain = await load(goldenFolder("vit"));
    const weight = (of: typeof model): Float32Array | undefined => of.namedParameters().get("blocks.0.mlp.fc1.weight")?.toTypedArray();
    expect(weight(model)).not.toEqual(weight(plain));
  });
});

test("pipelines are the tasks' functions", async () => {
  const picture = join(goldenFolder("classify"), "sky.jpg");
  for (const name of ["vit", "swin", "mixer"]) {
    using see = await pipeline("image-classification", goldenFolder(`classify/${name}`));
    expect(await see(picture, { topK: 2 })).toEqual(await classify(see.model, picture, { topK: 2 }));
    expect(await see([picture])).toEqual(await classify(see.model, [picture]));
    expect((await see(picture))[0].label).toBe("sky");
    using embed = await pipeline("image-feature-extraction", goldenFolder(`classify/${name}`));
    expect(await embed(picture)).toEqual(await embedImage(embed.model, picture));
  }
  await expect(pipeline("depth-estimation" as never, "a/b")).rejects.toThrow('but "depth-estimation" came');
});
