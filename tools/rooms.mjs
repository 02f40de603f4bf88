// The house's order: packages above packages, and within a package rooms above rooms (a folder of src, or a file that stands in src itself).
// Imports, of types too, only point down. Run by `npm run check`; circles among files are oxlint's business.
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The lowest package first, and of each the lowest room first. Rooms in one list stand side by side and don't see each other; models are the
 * folders with a family.ts that aren't named. */
const order = {
  "core-wasm": [
    "errors",
    ["simd-support", "allocator", "fft-table"],
    "memory",
    "block",
    "threads",
    "launcher",
    "generated",
    ["platform", "wasm-source"],
    "tile",
    "wide",
    "core",
    "fft-plan",
  ],
  layers: [
    "copies",
    "errors",
    ["options", "random"],
    "files",
    "formats",
    "checkpoint",
    "tensor",
    "autograd",
    "ops",
    ["loss", "nn", "optim"],
    ["embeddings", "loops"],
    ["lora", "pretrained"],
    "auto",
  ],
  train: [
    "storage",
    "platform",
    ["augment", "data", "metrics", "losses"],
    "objectives",
    "fit",
    ["bar", "csv", "page", "parquet", "worker", "zip"],
  ],
  "models-nlp": [
    "tokenizer",
    "text-encoder",
    ["heads", "generation", "pretraining"],
    "models",
    ["marian", "colbert", "sentence-embedding"],
    "m2m-100",
    "tasks",
    "auto",
  ],
  "models-vision": ["generated", "image", "platform", "models", ["mae", "swin-v2"], "tasks", "auto"],
  tfjs: [
    ["backend", "kernel"],
    ["complex", "conv2d-backprop-filter", "fft", "fourier-mix", "transfer", "unsorted-segment-sum"],
    "register-kernels",
  ],
  search: ["vectors", ["bits", "entry", "greatest"], ["notes", "similarity"], "kept", "embedding-index"],
  clip: [
    "config",
    "open-clip",
    ["keys", "presets", "weights", "processor"],
    ["family", "transformer"],
    ["text", "vision"],
    "clip",
    ["train", "templates"],
    "siglip",
    "zero-shot",
    "auto",
  ],
  worker: [
    ["messages", "tasks", "open-pipeline"],
    ["errors", "send", "platform"],
    ["model-worker", "thread"],
  ],
  integrations: ["embedder", ["ai-sdk", "langchain", "llama-index", "lancedb", "chroma"]],
  serve: [["http-error", "metrics"], ["batcher", "body", "vectors"], "served-model", "endpoints", "handler", "server", "node"],
  "clip-emoji": ["files", "emoji-search", "cli"],
  bulk: [
    ["row", "optional"],
    ["storage", "job"],
    ["source", "columns"],
    "plan",
    ["task", "part", "sink", "progress"],
    "shard",
    ["pool", "whole"],
    "gather",
    "queue",
    "bulk",
  ],
  cli: [
    ["usage-error", "options", "pair", "pictures", "table", "drawing", "attention-svg"],
    ["terminal", "lines"],
    "call",
    ["command", "any-model", "fine-tune"],
    "embedder",
    "commands",
    "run",
    "main",
  ],
};
const root = fileURLToPath(new URL("..", import.meta.url));
const packages = Object.keys(order);
const wrong = [];

for (const [rank, name] of packages.entries()) {
  const source = join(root, "packages", name, "src");
  const floors = new Map(order[name].flatMap((rooms, floor) => [rooms].flat().map((room) => [room, floor])));
  const roomOf = (file) => file.split(sep)[0].replace(/\.(d\.)?ts$/, "");
  const floorOf = (room) => floors.get(room) ?? (existsSync(join(source, room, "family.ts")) ? floors.get("models") : undefined);
  for (const file of globSync("**/*.ts", { cwd: source })) {
    const room = roomOf(file);
    if (["index", "model", "save", "types"].includes(room)) continue;
    const floor = floorOf(room);
    if (floor === undefined) wrong.push(`packages/${name}/src/${file}: tools/rooms.mjs doesn't say where "${room}" stands`);
    for (const [, path] of readFileSync(join(source, file), "utf8").matchAll(/(?:from|import\() ?"([^"]+)"/g)) {
      const above = packages.findIndex((other) => path === `@x/${other}` || path.startsWith(`@x/${other}/`));
      if (above >= rank) wrong.push(`packages/${name}/src/${file} imports ${path}, which stands above it`);
      if (!path.startsWith(".")) continue;
      const other = roomOf(normalize(join(dirname(file), path)));
      const below = floorOf(other);
      if (other !== room && !(below < floor))
        wrong.push(`packages/${name}/src/${file} imports ${path}: ${other} doesn't stand below ${room}`);
    }
  }
}
if (wrong.length > 0) {
  console.error(`${wrong.join("\n")}\n${wrong.length} imports don't point down; the order is in tools/rooms.mjs`);
  process.exit(1);
}
