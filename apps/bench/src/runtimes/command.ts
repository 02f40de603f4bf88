import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Command, findCommand, versionOf } from "@x/everywhere";
import { commandBundle } from "./bundle.ts";
import type { RuntimeName } from "./names.ts";
import { RECORD, type Said, SILENCE_SECONDS } from "./program.ts";
import type { Program, Runtime } from "./runtime.ts";

/** Cases run unbuilt where that is possible; what is timed from its import on comes bundled, as in use. */
async function fileOf(program: Program, runsSources: boolean): Promise<string> {
  const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  if (program === "write-model") return source("../fresh/write-model.ts");
  if (program === "child" && runsSources) return source("../child.ts");
  return join(await commandBundle(program), `${program}.js`);
}

/** Node, Deno and Bun. */
export function commandRuntime(name: RuntimeName, { candidates, words, howToGet }: Command): Runtime {
  return {
    name,
    howToGet,
    async find() {
      const command = findCommand(candidates);
      if (command === undefined) return undefined;
      const runsSources = name !== "node20" && name !== "node22"; // too old for TypeScript, `using`…
      const options = [
        ...words,
        ...(name === "node-wide" ? ["--experimental-wasm-revectorize"] : []),
        ...(runsSources ? ["--conditions=@x/source"] : []),
        ...(name === "node" || name === "node-wide" ? ["--disable-warning=ExperimentalWarning"] : []),
      ];
      return {
        name,
        version: await versionOf(command),
        run: async function* (program, task) {
          yield* messages(command, [...options, await fileOf(program, runsSources), JSON.stringify(task)]);
        },
      };
    },
  };
}

async function* messages(command: string, words: readonly string[]): AsyncGenerator<unknown> {
  const child = spawn(command, words, { stdio: ["ignore", "pipe", "inherit"] });
  const ending = new Promise<string>((resolve) => {
    child.on("error", ({ message }) => resolve(message));
    child.on("close", (code, signal) => resolve(`ended with ${signal ?? code}`));
  });
  let silence: NodeJS.Timeout | undefined;
  const listen = (): void => {
    clearTimeout(silence);
    silence = setTimeout(() => child.kill("SIGKILL"), SILENCE_SECONDS * 1000);
  };
  try {
    listen();
    for await (const line of createInterface(child.stdout)) {
      listen();
      if (!line.startsWith(RECORD)) {
        console.log(line);
        continue;
      }
      const said = JSON.parse(line.slice(RECORD.length)) as Said;
      if ("error" in said) throw new Error(said.error);
      if ("ended" in said) return;
      yield said.message;
    }
    throw new Error(await ending);
  } finally {
    clearTimeout(silence);
    child.kill("SIGKILL"); // it may hang
    await ending;
  }
}
