/** `trainIn` with the Web Workers of Deno and Bun; in browsers training.test.ts does that, and `@x/train`'s own tests in Node's threads. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { bun, deno } from "../src/runner/command.ts";
import { findCommand, output } from "../src/runner/process.ts";

const program = join(import.meta.dirname, "../../../packages/train/test/every-runtime.ts");

for (const { name, howToGet, candidates, words } of [deno, bun]) {
  const command = findCommand(candidates);
  test.skipIf(command === undefined)(
    command === undefined ? `${name}: not installed, ${howToGet}` : `${name}: paused, stopped and gone on with, it ends with the same bits`,
    { timeout: 150_000 },
    async () => {
      const printed = await output(command ?? "", [...words, "--conditions=@x/source", program]);
      const [whole, paused, stopped, goneOn] = JSON.parse(printed) as readonly (readonly [finished: boolean, equal: boolean])[];
      expect([whole, paused, goneOn]).toEqual([1, 2, 3].map(() => [true, true]));
      expect(stopped).toEqual([false, false]);
    },
  );
}
