// Compiles assembly/ twice (plain SIMD, relaxed SIMD) and writes what the TypeScript sources need of it to src/generated/:
// the two binaries, deflated and in base64, and the type of every kernel.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { deflateRawSync, gzipSync } from "node:zlib";
import asc from "assemblyscript/asc";

const here = (path) => new URL(path, import.meta.url);
mkdirSync(here("build/"), { recursive: true });
mkdirSync(here("src/generated/"), { recursive: true });

const common = [
  "assembly/index.ts",
  "assembly/static-end.ts",
  "--baseDir",
  here(".").pathname,
  "--runtime",
  "stub",
  "--importMemory",
  "--sharedMemory",
  "--initialMemory",
  "2",
  "--maximumMemory",
  "65536",
  "--memoryBase",
  "4096", // the first 4 KiB are the thread pool's control block: src/threads/control.ts
  "--enable",
  "simd",
  "--enable",
  "threads",
  "-O3",
  "--noAssert",
  "--use",
  "abort=",
];

for (const [name, features] of [
  ["plain", []],
  ["relaxed", ["--enable", "relaxed-simd"]],
]) {
  const declarations = name === "plain" ? ["--bindings", "raw"] : [];
  const { error, stderr } = await asc.main([...common, ...features, ...declarations, "--outFile", `build/${name}.wasm`]);
  if (error) {
    process.stderr.write(stderr.toString());
    process.exit(1);
  }
  const wasm = readFileSync(here(`build/${name}.wasm`));
  const embedded = deflateRawSync(wasm, { level: 9 }).toString("base64");
  writeFileSync(
    here(`src/generated/${name}.ts`),
    `/** The ${name}-SIMD build: deflate-raw, base64. Written by build-wasm.mjs. */\nexport const wasm: string =\n  "${embedded}";\n`,
  );
  process.stdout.write(`${name}.wasm ${wasm.length} bytes, ${gzipSync(wasm, { level: 9 }).length} gzipped\n`);
}

const memory = new WebAssembly.Memory({ initial: 2, maximum: 65536, shared: true });
const { instance } = await WebAssembly.instantiate(readFileSync(here("build/plain.wasm")), { env: { memory } });
const declared = [...readFileSync(here("build/plain.d.ts"), "utf8").matchAll(/export function (\w+)\(([^)]*)\): (\w+);/g)];
writeFileSync(
  here("src/generated/kernels.ts"),
  `/** What the WebAssembly module exports. Written by build-wasm.mjs. */\nexport interface Kernels {\n${declared
    .map(([, name, parameters, result]) => `  ${name}(${parameters}): ${result};`)
    .join("\n")}\n}\n\n/** First address above the static data. */\nexport const STATIC_END: number = ${instance.exports.staticEnd()};\n`,
);
writeFileSync(
  here("src/generated/worker-source.ts"),
  `/** threads/worker.js as text, for where no module worker can be served. Written by build-wasm.mjs. */\nexport const workerSource: string = ${JSON.stringify(
    readFileSync(here("src/threads/worker.js"), "utf8"),
  )};\n`,
);
