import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Row } from "../src/report/rows.ts";
import { findRuntimes, runtimes } from "../src/runtimes.ts";
import { commandRuntime } from "../src/runtimes/command.ts";
import { bench, temporaryFolder } from "./run.ts";

const installed = (await findRuntimes(["node20", "deno", "bun", "chromium"])).found;

test.each(installed)("a suite runs in $name", ({ name }) => {
  const file = join(temporaryFolder(), "rows.json");
  bench("layer-norm", "--runtimes", name, "--peers", "onnxruntime-web", "--json", file);
  const rows = JSON.parse(readFileSync(file, "utf8")) as Row[];
  expect(rows.map(({ peer, threads }) => [peer, threads])).toEqual([["onnxruntime-web", 1]]);
  expect(rows[0]?.runtime).toMatch(new RegExp(`^${name} [0-9]`));
});

test("what isn't installed is told with how to get it", async () => {
  const absent = commandRuntime("deno", { name: "Deno", candidates: ["/nowhere/deno"], words: [], howToGet: "ask for it" });
  expect(await absent.find()).toBeUndefined();
  expect(runtimes.every(({ howToGet }) => howToGet.length > 0)).toBe(true);
});

test("a program that fails, or ends without a word, is an error", async () => {
  const program = (text: string): string => {
    const file = join(temporaryFolder(), "program.sh");
    writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    return file;
  };
  const heard = async (text: string): Promise<unknown[]> => {
    const found = await commandRuntime("deno", {
      name: "",
      candidates: [program(`[ "$1" = --version ] && echo 1.2 && exit\n${text}`)],
      words: [],
      howToGet: "",
    }).find();
    return Array.fromAsync(found?.run("child", {}) ?? []);
  };
  const say = (json: string): string => `printf '\\036%s\\n' '${json}'`;
  expect(await heard(`echo chatter\n${say('{"message":1}')}\n${say('{"ended":true}')}`)).toEqual([1]);
  await expect(heard(say('{"error":"it burst"}'))).rejects.toThrow("it burst");
  await expect(heard(`${say('{"message":1}')}\nexit 3`)).rejects.toThrow("ended with 3");
});
