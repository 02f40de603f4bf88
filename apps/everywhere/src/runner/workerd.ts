import { createRequire } from "node:module";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Report } from "../suite/suite.ts";
import { bundles } from "./bundle.ts";
import { findCommand, runtimesFolder, start, versionOf } from "./process.ts";
import type { ContextReport, Runtime } from "./runtime.ts";

/** Cloudflare's runtime: no compiling, no threads; the kernels are imported modules. */
export const workerdRuntime = (packages: string): Runtime => ({
  name: "workerd",
  howToGet: "npm run everywhere -- --install",
  async find() {
    const command = findCommand([join(runtimesFolder, "node_modules/.bin/workerd")]);
    return command === undefined ? undefined : { version: await versionOf(command), run: () => serve(command, packages) };
  },
});

async function* serve(command: string, packages: string): AsyncGenerator<ContextReport> {
  const folder = await mkdtemp(join(tmpdir(), "everywhere-"));
  const { resolve } = createRequire(import.meta.url);
  const port = await freePort();
  const wasm = ["plain", "relaxed"].map((build) => `(name = "@x/core-wasm/${build}.wasm", wasm = embed "${build}.wasm")`);
  for (const build of ["plain", "relaxed"])
    await writeFile(join(folder, `${build}.wasm`), await readFile(resolve(`@x/core-wasm/${build}.wasm`)));
  await writeFile(join(folder, "worker.js"), await readFile(join(bundles.workerd, "workerd.js")));
  await writeFile(
    join(folder, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js"), ${wasm.join(", ")}],
      compatibilityDate = "2026-01-01",
      bindings = [(name = "packages", service = "packages")],
    )),
    (name = "packages", disk = "${packages}"),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`,
  );
  const running = start(command, ["serve", join(folder, "config.capnp")]);
  try {
    yield { context: "", mayShare: false, outcome: await ask(port, running.complaints) };
  } finally {
    await running.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function ask(port: number, complaints: () => string): Promise<Report | { readonly error: string }> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/`);
      return (await response.json()) as Report;
    } catch {
      await sleep(200); // it hasn't started yet
    }
  }
  return { error: complaints() };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof bound === "object" && bound ? bound.port : 0;
}
