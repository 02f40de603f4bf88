import { readFile } from "node:fs/promises";
import { noGrad, patchify, Rng } from "@x/layers";
import { saveModule } from "@x/layers/save";
import { expectClose, inFolder, keysOf, normal } from "@x/testing";
import { expect, test } from "vitest";
import { MAE, maeLayouts, reconstruct, sinCosPositions } from "../src/index.ts";
import { renamed, tinyMAE } from "./models.ts";
import { goldenFolder, readGolden } from "./golden.ts";

const [, facebookResearch] = maeLayouts;

test.each(["mae", "mae_norm_pix"])("%s: the mask and the way back are Hugging Face's", async (name) => {
  using model = await MAE.fromPretrained(goldenFolder(name));
  const golden = await readGolden(name);
  expect(model.config.normPixLoss).toBe(name === "mae_norm_pix");
  noGrad(() => {
    const { mask } = model.forward(golden.tensor("pixel_values"), golden.tensor("noise"));
    expect([...mask.mask.toTypedArray()]).toEqual([...golden.values("mask")]);
    expect([...mask.restoreIds.toTypedArray()]).toEqual([...golden.values("ids_restore")]);
  });
});

test.each([
  [false, "loss"],
  [true, "loss_norm_pix"],
])("the fixture of transformers 5.18, norm_pix_loss %s", async (normPixLoss, lossKey) => {
  using model = await MAE.fromPretrained(goldenFolder("mae_fixture"), { config: { normPixLoss } });
  const golden = await readGolden("mae_fixture");
  noGrad(() => {
    const images = golden.tensor("pixel_values");
    const { predicted, loss, mask } = model.forward(images, golden.tensor("noise"));
    expectClose(predicted.toTypedArray(), golden.values("logits"));
    expectClose(loss.toTypedArray(), golden.values(lossKey));
    expect([...mask.restoreIds.toTypedArray()]).toEqual([...golden.values("ids_restore")]);
    expectClose(model.encode(images, mask.keptIds).toTypedArray(), golden.values("latent"));
    expectClose(patchify(images, 4, "channelsLast").toTypedArray(), golden.values("patchified"), "values", 0);
  });
});

test("the authors' names load too, sizes read off the shapes", async () => {
  const encoder = /^vit\.encoder\.layer\.(\d+)\.(.*)$/;
  const parts: Record<string, string> = {
    "attention.output.dense": "attn.proj",
    layernorm_before: "norm1",
    layernorm_after: "norm2",
    "intermediate.dense": "mlp.fc1",
    "output.dense": "mlp.fc2",
  };
  using model = await MAE.fromPretrained(goldenFolder("mae"));
  // Query, key and value are one entry there: take those from the model by saving it under that layout.
  await inFolder(async (folder) => {
    await saveModule(model, facebookResearch, folder);
    const expected = (await keysOf(goldenFolder("mae"))).flatMap((key) => {
      if (/\.(key|value)\./.test(key)) return [];
      const plain = key
        .replace(encoder, "blocks.$1.$2")
        .replace(/^decoder\.decoder_layers\./, "decoder_blocks.")
        .replace("attention.attention.query", "attn.qkv")
        .replace(/^decoder\./, "");
      const renamedKey = Object.entries(parts).reduce((text, [from, to]) => text.replace(`.${from}.`, `.${to}.`), plain);
      return renamedKey
        .replace("vit.embeddings.cls_token", "cls_token")
        .replace("vit.embeddings.position_embeddings", "pos_embed")
        .replace("vit.embeddings.patch_embeddings.projection", "patch_embed.proj")
        .replace("vit.layernorm", "norm");
    });
    expect(await keysOf(folder)).toEqual(expected.sort());
    const files = new Map([
      ["config.json", new TextEncoder().encode('{ "num_heads": 3, "decoder_num_heads": 2 }')],
      ["model.safetensors", new Uint8Array(await readFile(`${folder}/model.safetensors`))],
    ]);
    using again = await MAE.fromPretrained(files, { config: { layerNormEps: 1e-12 } });
    expect(again.config).toEqual(model.config);
    noGrad(() => {
      const images = normal([1, 3, 16, 16], 3);
      const given = model.drawNoise(images, new Rng(4));
      expect(again.forward(images, given).loss.item()).toBe(model.forward(images, given).loss.item());
    });
  });
});

test("positions are the authors' sines and cosines", async () => {
  const golden = await readGolden("mae_fixture");
  expectClose(sinCosPositions(4, 24), golden.values("sincos"), "values", 1e-6);
  using model = await MAE.fromConfig(tinyMAE);
  expectClose(model.posEmbed.toTypedArray(), golden.values("sincos"), "values", 1e-6);
});

test("images of other sizes work, with positions resampled in both encoder and decoder", async () => {
  using model = await MAE.fromConfig(tinyMAE);
  noGrad(() => {
    const images = normal([2, 3, 24, 20], 21);
    const given = model.drawNoise(images, new Rng(22));
    expect(given.shape).toEqual([2, 30]);
    expect(model.forward(images, given).predicted.shape).toEqual([2, 30, 48]);
    expect(reconstruct(model, images, given).completed.shape).toEqual([2, 3, 24, 20]);
  });
});

test("what isn't a masked autoencoder is refused", async () => {
  await expect(MAE.fromPretrained(goldenFolder("vit"))).rejects.toThrow(
    "this is not a masked autoencoder (expected model_type vit_mae, found vit)",
  );
  const encoderAlone = await renamed("timm_vit", (key) => key);
  await expect(MAE.fromPretrained(encoderAlone)).rejects.toThrow("this is not a masked autoencoder; load an encoder alone as a ViT");
});
