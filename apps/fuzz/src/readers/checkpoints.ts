/** Weights: safetensors, PyTorch's files, indexes of shards, an index of embeddings. */
import { openCheckpoint } from "@x/layers";
import { EmbeddingIndex } from "@x/search";
import { below, oneOf } from "../draw.ts";
import { type Bytes, joined, type Json, mutateBytes, mutateJson } from "../mutate.ts";
import { bytesOf, filesIn, type Reader, textOf } from "../reader.ts";

/** Opens it and reads its small tensors. */
async function readAll(where: Bytes | ReadonlyMap<string, Bytes>): Promise<void> {
  const checkpoint = await openCheckpoint(where);
  const small = [...checkpoint.entries]
    .filter(([, { shape }]) => shape.reduce((product, size) => product * size, 1) <= 100_000)
    .slice(0, 50);
  await checkpoint.readInto(
    small.map(([name, { shape }]) => {
      const numbers = new Float32Array(shape.reduce((product, size) => product * size, 1));
      return [name, { shape, view: () => numbers }];
    }),
  );
}

const headerOf = (file: Bytes): number => Number(new DataView(file.buffer).getBigUint64(0, true));

function withHeader(header: Bytes, data: Uint8Array): Bytes {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(header.length), true);
  return joined(length, header, data);
}

export function safetensors(): Reader {
  const fixtures = filesIn("layers/test/fixtures/io", /\.safetensors$/);
  const seeds = [...fixtures, bytesOf("models-nlp/golden/bert_lora/adapter_model.safetensors")].map((file) => {
    const end = 8 + headerOf(file);
    return { file, end, header: JSON.parse(new TextDecoder().decode(file.subarray(8, end))) as Json };
  });
  return {
    name: "safetensors",
    next(draw) {
      const { file, end, header } = oneOf(draw, seeds);
      if (draw() < 0.5) return mutateBytes(draw, file, 0, draw() < 0.9 ? end : file.length);
      return withHeader(textOf(mutateJson(draw, header)), file.subarray(end));
    },
    read: readAll,
  };
}

export function pickles(): Reader {
  const seeds = filesIn("layers/test/fixtures/io", /\.(pt|pth|bin)$/, 100_000);
  return {
    name: "PyTorch",
    next(draw) {
      const file = oneOf(draw, seeds);
      const at = Buffer.from(file).indexOf("data.pkl");
      if (at > 0 && draw() < 0.7) return mutateBytes(draw, file, at, Math.min(file.length, at + 3000));
      return draw() < 0.5
        ? mutateBytes(draw, file, Math.max(0, file.length - 2000))
        : mutateBytes(draw, file, 0, Math.min(file.length, 4000));
    },
    read: readAll,
  };
}

export function shards(): Reader {
  const index: Json = { metadata: { total_size: 8, save: "s" }, weight_map: { a: "1.safetensors", b: "2.safetensors" } };
  const shard = (name: string): Bytes =>
    withHeader(textOf({ __metadata__: { save: "s" }, [name]: { dtype: "F32", shape: [1], data_offsets: [0, 4] } }), new Uint8Array(4));
  const [one, two] = [shard("a"), shard("b")];
  return {
    name: "index of shards",
    next: (draw) => (draw() < 0.6 ? textOf(mutateJson(draw, index)) : mutateBytes(draw, textOf(index))),
    read: (input) =>
      readAll(
        new Map([
          ["model.safetensors.index.json", input],
          ["1.safetensors", one],
          ["2.safetensors", two],
        ]),
      ),
  };
}

export function embeddings(): Reader {
  const notes = { format: "pt", ids: '["a","b"]', payloads: "[1,null]" };
  const header: Json = { __metadata__: notes, embeddings: { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] } };
  const data = new Uint8Array(new Float32Array([1, 2, 3, 4, 5, 6]).buffer);
  return {
    name: "index of embeddings",
    next(draw) {
      if (draw() < 0.4) return mutateBytes(draw, withHeader(textOf(header), data));
      const changed = mutateJson(draw, header);
      return withHeader(textOf(changed), draw() < 0.2 ? data.subarray(0, below(draw, 24)) : data);
    },
    async read(input) {
      using index = await EmbeddingIndex.load(input);
      if (index.size > 0) index.search(new Float32Array(index.width).fill(1), { topK: 1 });
    },
  };
}
