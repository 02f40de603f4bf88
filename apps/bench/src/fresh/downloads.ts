/** What a visitor downloads, compressed, before a model's weights. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Weight } from "../report/footprint.ts";
import { sizeBundle } from "../runtimes/bundle.ts";

const folderOf = (library: string): string => dirname(fileURLToPath(import.meta.resolve(library)));

/**
 * Not loaded by a page that labels PNG pictures: for old browsers, for PyTorch's checkpoints, where no worker may be loaded from its file, for other
 * pictures and for what is none, for saving.
 */
const rare: readonly string[] = JSON.parse(readFileSync(new URL("../../../../.size-limit.json", import.meta.url), "utf8"))[0]
  .path.filter((path: string) => path.startsWith("!"))
  .map((path: string) => path.slice(1));

interface Page {
  readonly what: "a page that runs a ViT" | "a page with everything";
  readonly who: string;
  readonly files: readonly string[];
}

/** The files that each library's smallest page needs. Of builds for several browsers, those that Chromium takes. */
async function pages(): Promise<readonly Page[]> {
  const script = (folder: string): string[] => globSync(join(folder, "**/*.js"), { exclude: rare });
  const onnx = folderOf("onnxruntime-web");
  const tfjs = folderOf("@tensorflow/tfjs-backend-wasm");
  const what = "a page that runs a ViT";
  return [
    { what, who: "ours", files: script(await sizeBundle("ours")) },
    {
      what,
      who: "onnxruntime-web",
      files: [
        ...script(await sizeBundle("onnxruntime-web")),
        join(onnx, "ort-wasm-simd-threaded.mjs"),
        join(onnx, "ort-wasm-simd-threaded.wasm"),
      ],
    },
    { what, who: "tfjs-wasm", files: [...script(await sizeBundle("tfjs")), join(tfjs, "tfjs-backend-wasm-simd.wasm")] },
    { what: "a page with everything", who: "ours", files: script(await sizeBundle("everything")) },
  ];
}

/** Ours and those of `peers`. */
export async function downloads(peers: readonly string[]): Promise<Weight[]> {
  const chosen = (await pages()).filter(({ who }) => who === "ours" || peers.includes(who));
  return chosen.map(({ what, who, files }) => ({
    measure: "download, gzip",
    what,
    who,
    runtime: "",
    threads: 0,
    bytes: files.reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0),
  }));
}
