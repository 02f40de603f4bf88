// Compiles assembly/ twice (plain SIMD, relaxed SIMD) and writes what the TypeScript sources need of it to src/generated/:
// the two binaries, deflated and in base64, and every kernel with named arguments (generate/).
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import asc from "assemblyscript/asc";
import { emitKernels, emitStaticEnd } from "./generate/emit.ts";
import { deflated } from "../../tools/packaging/deflated.mjs";
import { isKernelFile, parseAssembly } from "./generate/parse.ts";
import { tileSources } from "./generate/tiles.ts";

const here = (path) => new URL(path, import.meta.url);
mkdirSync(here("build/"), { recursive: true });
mkdirSync(here("src/generated/"), { recursive: true });
mkdirSync(here("assembly/generated/"), { recursive: true });
for (const [file, text] of tileSources()) writeFileSync(here(`assembly/${file}.ts`), text);

const sources = new Map(
  readdirSync(here("assembly/"), { recursive: true })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file.slice(0, -3).replaceAll("\\", "/"))
    .sort()
    .map((file) => [file, readFileSync(here(`assembly/${file}.ts`), "utf8")]),
);

const common = [
  ...[...sources.keys()].filter(isKernelFile).map((file) => `assembly/${file}.ts`),
  "assembly/parts/static-end.ts",
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
  "-O3s", // against -O3 a tenth smaller, and as fast: what is hot is inlined by its own decorators
  "--noAssert",
  "--use",
  "abort=",
];

for (const [name, features] of [
  ["plain", []],
  ["relaxed", ["--enable", "relaxed-simd"]],
]) {
  const { error, stderr } = await asc.main([...common, ...features, "--outFile", `build/${name}.wasm`]);
  if (error) {
    process.stderr.write(stderr.toString());
    process.exit(1);
  }
  const wasm = readFileSync(here(`build/${name}.wasm`));
  const embedded = await deflated(wasm);
  writeFileSync(
    here(`src/generated/${name}.ts`),
    `/** The ${name}-SIMD build: deflate-raw, base64. Written by build-wasm.mjs. */\nexport const wasm: string =\n  "${embedded}";\n`,
  );
  process.stdout.write(`${name}.wasm ${wasm.length} bytes, ${gzipSync(wasm, { level: 9 }).length} gzipped\n`);
}

const assembly = parseAssembly(sources);
const memory = new WebAssembly.Memory({ initial: 2, maximum: 65536, shared: true });
const { instance } = await WebAssembly.instantiate(readFileSync(here("build/plain.wasm")), { env: { memory } });
writeFileSync(here("src/generated/kernels.ts"), emitKernels(assembly));
writeFileSync(here("src/generated/static-end.ts"), emitStaticEnd(instance.exports.staticEnd()));
writeFileSync(
  here("src/generated/worker-source.ts"),
  `/** threads/worker.js as text, for where no module worker can be served. Written by build-wasm.mjs. */\nexport const workerSource: string = ${JSON.stringify(
    readFileSync(here("src/threads/worker.js"), "utf8"),
  )};\n`,
);
