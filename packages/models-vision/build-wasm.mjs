// Puts the decoders that are compiled to WebAssembly inside the JavaScript, where every bundler and runtime finds them: src/generated/<name>.ts.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { deflated } from "../../tools/packaging/deflated.mjs";

const folder = new URL("src/generated/", import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, file, licence] of [
  [
    "jpeg-turbo",
    "@cwasm/jpeg-turbo/jpeg-turbo.wasm",
    "libjpeg-turbo: IJG, BSD-3-Clause and zlib licences, Copyright D. R. Commander and others",
  ],
  ["webp", "@cwasm/webp/webp.wasm", "libwebp: BSD-3-Clause licence, Copyright Google Inc."],
]) {
  const embedded = await deflated(readFileSync(createRequire(import.meta.url).resolve(file)));
  writeFileSync(
    new URL(`${name}.ts`, folder),
    `/*! ${licence} */\n/** ${file}: deflate-raw, base64. Written by build-wasm.mjs. */\nexport const wasm: string =\n  "${embedded}";\n`,
  );
}
