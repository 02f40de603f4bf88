import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Command, findCommand, versionOf } from "@x/everywhere";
import { commandBundle } from "./bundle.ts";
import type { RuntimeName } from "./names.ts";
import { RECORD, type Said, SILENCE_SECONDS } from "./program.ts";
import type { Program, Runtime } from "./runtime.ts";

/** Cases run unbuilt; what is timed from its import on comes bundled, as in use. */
const fileOf: Readonly<Record<Program, () => string | Promise<string>>> = {
  child: () => fileURLToPath(new URL("../child.ts", import.meta.url)),
  "write-model": () => fileURLToPath(new URL("../fresh/write-model.ts", import.meta.url)),
  "first-output": async () => join(await commandBundle(), "first-output.js"),
};

/** Node, Deno and Bun. */
export function commandRuntime(name: RuntimeName, { candidates, words, howToGet }: Command): Runtime {
  return {
    name,
    howToGet,
    async find() {
      const command = findCommand(candidates);
      if (command === undefined) return undefined;
      const options = [...words, "--conditions=@x/source", ...(name === "node" ? ["--disable-warning=ExperimentalWarning"] : [])];
      return {
        name,
        version: await versionOf(command),
        run: async function* (program, task) {
          yield* messages(command, [...options, await fileOf[program](), JSON.stringify(task)]);
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
