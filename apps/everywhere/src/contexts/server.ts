/** A small server that uses every package: what a bundle in one file must be able to do. It answers one request, and ends. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { argv, stdout } from "node:process";
import { CLIP, embedImage } from "@x/clip";
import { init, liveBytes, shutdown } from "@x/layers";
import { load, pipeline } from "@x/models-nlp/auto";
import { classify, decodeImage, ViT } from "@x/models-vision";
import { EmbeddingIndex } from "@x/search";
import { bleu } from "@x/train";

const [, , packages = ""] = argv;

async function answer(): Promise<object> {
  const { threads } = await init({ threads: 2 });
  const folder = `${packages}/models-vision/golden`;
  using vit = await ViT.fromPretrained(`${folder}/classify/vit`);
  using clip = await CLIP.fromPretrained(`${packages}/clip/golden/hugging_face`);
  using embed = await pipeline("feature-extraction", `${packages}/models-nlp/golden/sentence_mpnet`);
  using bert = await load(`${packages}/models-nlp/golden/bert`);
  const sizes: string[] = [];
  for (const name of ["q85-s2.jpg", "rgb.png", "noise.gif", "lossy.webp", "rgb.bmp"]) {
    const { width, height } = await decodeImage(new Uint8Array(await readFile(`${folder}/image/${name}`)));
    sizes.push(`${name} ${width} × ${height}`);
  }
  const [best] = await classify(vit, `${folder}/image/q85-s2.jpg`);
  const seen = await embedImage(clip, `${folder}/image/lossy.webp`);
  using index = new EmbeddingIndex<string>();
  index.add(await embed(["a", "b"]), { payloads: ["a", "b"] });
  const [found] = index.search(await embed("a"), { topK: 1 });
  return {
    threads,
    sizes,
    label: best.label,
    width: seen.length,
    found: found?.payload,
    class: bert.constructor.name.length > 0,
    bleu: bleu(["the cat sat on the mat"], ["the cat sat on the mat"]).score,
  };
}

const server = createServer((_, response) => {
  answer().then(
    (result) => response.end(JSON.stringify(result)),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
server.listen(0, "127.0.0.1", async () => {
  const address = server.address();
  const response = await fetch(`http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`);
  stdout.write(await response.text());
  const left = liveBytes();
  shutdown();
  server.close();
  if (!response.ok || left > 0) process.exitCode = 1;
});
