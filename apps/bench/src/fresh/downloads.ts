/** What a visitor downloads, compressed, before a model's weights. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Footprint } from "../report/footprint.ts";
import { sizeBundle } from "../runtimes/bundle.ts";

const folderOf = (library: string): string => dirname(fileURLToPath(import.meta.resolve(library)));

/** The files that each library's smallest page needs. Of builds for several browsers, those that Chromium takes. */
async function pages(): Promise<readonly { readonly who: string; readonly files: readonly string[] }[]> {
  const script = (folder: string): string[] => globSync(join(folder, "**/*.js"));
  // Loaded only where relaxed SIMD is missing, for old checkpoints, and where no worker may be loaded from its file: as in .size-limit.json.
  const ours = script(await sizeBundle("ours")).filter((file) => !/\/(plain|pytorch|worker-source)-[^/]*$/.test(file));
  const onnx = folderOf("onnxruntime-web");
  const tfjs = folderOf("@tensorflow/tfjs-backend-wasm");
  return [
    { who: "ours", files: ours },
    {
      who: "onnxruntime-web",
      files: [
        ...script(await sizeBundle("onnxruntime-web")),
        join(onnx, "ort-wasm-simd-threaded.mjs"),
        join(onnx, "ort-wasm-simd-threaded.wasm"),
      ],
    },
    { who: "tfjs-wasm", files: [...script(await sizeBundle("tfjs")), join(tfjs, "tfjs-backend-wasm-simd.wasm")] },
  ];
}

/** Ours and those of `peers`. */
export async function downloads(peers: readonly string[]): Promise<Footprint[]> {
  const chosen = (await pages()).filter(({ who }) => who === "ours" || peers.includes(who));
  return chosen.map(({ who, files }) => ({
    measure: "download, gzip",
    what: "a page that runs a ViT",
    who,
    runtime: "",
    threads: 0,
    bytes: files.reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0),
  }));
}
