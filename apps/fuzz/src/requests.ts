/** What a server is asked, with models so small that a day's requests take minutes: each leaves nothing behind, also those that fail. */
import { createServer, type Server } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { intTensor } from "@x/layers";
import { embedText, generate, Marian, SentenceEncoder } from "@x/models-nlp";
import { classify, decodeImage, ViT } from "@x/models-vision";
import { EmbeddingIndex } from "@x/search";
import { below, type Draw, drawn } from "./draw.ts";
import { mutateBytes } from "./mutate.ts";
import { bytesOf, modelIn } from "./reader.ts";
import { sentenceFiles } from "./readers/models.ts";

export interface Requests extends AsyncDisposable {
  /** By kind, and how often of a hundred. */
  readonly kinds: Readonly<Record<string, { readonly share: number; run(draw: Draw): Promise<void> }>>;
}

/** Fails where it should not, and the other way round. */
async function refused(work: Promise<Disposable | object>): Promise<void> {
  const result = await work.catch(() => undefined);
  if (result === undefined) return;
  if (Symbol.dispose in result && typeof result[Symbol.dispose] === "function") (result as Disposable)[Symbol.dispose]();
  throw new RangeError("a request succeeded that should have failed");
}

const words = "the of and to a in is it you that he was for on are with as I his they be at one have this from".split(" ");
const sentence = (draw: Draw): string => Array.from({ length: 1 + below(draw, 30) }, () => words[below(draw, words.length)]).join(" ");

/** A server of model files that breaks some answers off. */
async function fileServer(files: ReadonlyMap<string, Uint8Array>): Promise<{ readonly server: Server; readonly url: string }> {
  const draw = drawn(3);
  const server = createServer((request, response) => {
    const bytes = files.get((request.url ?? "").slice(1));
    if (!bytes) return void response.writeHead(404).end();
    const begin = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const part = bytes.subarray(begin);
    response.writeHead(206, { "Content-Range": `bytes ${begin}-${bytes.length - 1}/${bytes.length}`, "Content-Length": part.length });
    if (draw() < 0.05) response.write(part.subarray(0, part.length >> 1), () => response.destroy());
    else response.end(part);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return { server, url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/` };
}

export async function startRequests(): Promise<Requests> {
  const folder = await mkdtemp(join(tmpdir(), "soak-"));
  const [viTFiles, marianFiles, encoderFiles] = [modelIn("models-vision/golden/vit"), modelIn("models-nlp/golden/marian"), sentenceFiles()];
  const { server, url } = await fileServer(viTFiles);
  const viT = await ViT.fromPretrained(viTFiles);
  const marian = await Marian.fromPretrained(marianFiles);
  const encoder = await SentenceEncoder.fromPretrained(encoderFiles);
  const picture = bytesOf("models-vision/golden/image/q85-s2.jpg");
  const kinds: Requests["kinds"] = {
    "embed texts": {
      share: 30,
      run: async (draw) =>
        void (await embedText(
          encoder,
          Array.from({ length: 1 + below(draw, 16) }, () => sentence(draw).slice(0, 30)),
        )),
    },
    "label pictures": {
      share: 25,
      run: async (draw) =>
        void (await classify(
          viT,
          Array.from({ length: 1 + below(draw, 6) }, () => picture),
        )),
    },
    generate: {
      share: 15,
      run: async (draw) => {
        using inputIds = intTensor([Array.from({ length: 3 + below(draw, 10) }, () => 3 + below(draw, 20))]);
        await generate(marian, { inputIds }, { maxLength: 12 });
      },
    },
    "load and dispose": {
      share: 10,
      run: async (draw) => {
        using model = draw() < 0.5 ? await ViT.fromPretrained(url) : await SentenceEncoder.fromPretrained(encoderFiles);
        void model;
      },
    },
    "save, load and search": {
      share: 5,
      run: async (draw) => {
        using index = new EmbeddingIndex<string>();
        const texts = Array.from({ length: 8 }, () => sentence(draw).slice(0, 30));
        index.add(await embedText(encoder, texts), { payloads: texts });
        const path = join(folder, `${below(draw, 8)}.safetensors`);
        await index.save(path);
        await viT.savePretrained(join(folder, `model-${below(draw, 4)}`), { maxShardBytes: 20_000 });
        using again = await EmbeddingIndex.load(path).catch(() => undefined); // another request may be replacing it
        again?.search(new Float32Array(again.width).fill(1), { topK: 2 });
      },
    },
    aborted: {
      share: 5,
      run: async (draw) => {
        const controller = new AbortController();
        setTimeout(() => controller.abort(), below(draw, 10));
        // Which comes first, the end or the abort, is open.
        const model = await ViT.fromPretrained(url, { signal: controller.signal }).catch(() => undefined);
        model?.dispose();
      },
    },
    "damaged model": {
      share: 5,
      run: async (draw) => {
        const files = new Map(viTFiles);
        const name = draw() < 0.5 ? "config.json" : "model.safetensors";
        files.set(name, (files.get(name) ?? new Uint8Array()).slice(0, -3 - below(draw, 40)));
        await refused(ViT.fromPretrained(files));
      },
    },
    "damaged picture": { share: 5, run: async (draw) => void (await decodeImage(mutateBytes(draw, picture)).catch(() => undefined)) },
  };
  return {
    kinds,
    [Symbol.asyncDispose]: async () => {
      for (const model of [viT, marian, encoder]) model.dispose();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
