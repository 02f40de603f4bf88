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

/** Where it is, if it is installed. */
export const workerdCommand = (): string | undefined => findCommand([join(runtimesFolder, "node_modules/.bin/workerd")]);

/** Cloudflare's runtime: no compiling, no threads; the kernels are imported modules. */
export const workerdRuntime = (packages: string): Runtime => ({
  name: "workerd",
  howToGet: "npm run everywhere -- --install",
  async find() {
    const command = workerdCommand();
    return command === undefined ? undefined : { version: await versionOf(command), run: () => suite(command, packages) };
  },
});

async function* suite(command: string, packages: string): AsyncGenerator<ContextReport> {
  await using worker = await startWorkerd(command, await readFile(join(bundles.workerd, "workerd.js"), "utf8"), { packages });
  yield { context: "", mayShare: false, outcome: await report(worker) };
}

async function report(worker: Workerd): Promise<Report | { readonly error: string }> {
  try {
    return (await (await worker.fetch()).json()) as Report;
  } catch {
    return { error: worker.complaints() };
  }
}

export interface Workerd extends AsyncDisposable {
  /** Asks the worker; waits until it has started. @throws Error when it doesn't within 20 seconds */
  fetch(request?: RequestInit): Promise<Response>;
  readonly complaints: () => string;
}

/** Starts a worker that is one module and imports the kernels. @param folders that it reads through services of these names */
export async function startWorkerd(command: string, code: string, folders: Readonly<Record<string, string>>): Promise<Workerd> {
  const folder = await mkdtemp(join(tmpdir(), "everywhere-"));
  const { resolve } = createRequire(import.meta.url);
  const port = await freePort();
  const wasm = ["plain", "relaxed"].map((build) => `(name = "@x/core-wasm/${build}.wasm", wasm = embed "${build}.wasm")`);
  for (const build of ["plain", "relaxed"])
    await writeFile(join(folder, `${build}.wasm`), await readFile(resolve(`@x/core-wasm/${build}.wasm`)));
  await writeFile(join(folder, "worker.js"), code);
  const names = Object.keys(folders);
  await writeFile(
    join(folder, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js"), ${wasm.join(", ")}],
      compatibilityDate = "2026-01-01",
      bindings = [${names.map((name) => `(name = "${name}", service = "${name}")`).join(", ")}],
    )),
    ${names.map((name) => `(name = "${name}", disk = "${folders[name]}")`).join(",\n    ")},
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`,
  );
  const running = start(command, ["serve", join(folder, "config.capnp")]);
  return {
    complaints: running.complaints,
    async fetch(request) {
      for (let attempt = 0; attempt < 100; attempt++) {
        try {
          return await fetch(`http://127.0.0.1:${port}/`, request);
        } catch {
          await sleep(200); // it hasn't started yet
        }
      }
      throw new Error(`workerd doesn't answer: ${running.complaints()}`);
    },
    async [Symbol.asyncDispose]() {
      await running.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof bound === "object" && bound ? bound.port : 0;
}
