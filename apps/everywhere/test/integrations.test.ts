/** `@x/integrations` with the real libraries in Deno and Bun; in Node its own tests do that. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { bun, deno } from "../src/runner/command.ts";
import { findCommand, output } from "../src/runner/process.ts";

const program = join(import.meta.dirname, "../../../packages/integrations/test/every-library.ts");

for (const { name, howToGet, candidates, words } of [deno, bun]) {
  const command = findCommand(candidates);
  test.skipIf(command === undefined)(
    command === undefined ? `${name}: not installed, ${howToGet}` : name,
    { timeout: 150_000 },
    async () => {
      const printed = await output(command ?? "", [...words, "--conditions=@x/source", program]);
      expect(printed.trim().split("\n")).toEqual(["ai-sdk", "langchain", "llama-index", "lancedb", "chroma"]);
    },
  );
}
