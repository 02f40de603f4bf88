/** `x serve` as a process: it answers, and ends gracefully. */
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { expect, test } from "vitest";
import { writeModels } from "./models.ts";
import { records, x } from "./x.ts";

/** A request that has come when the server says that it may go on. */
function begin(address: string): { readonly hasCome: Promise<unknown>; end(): Promise<unknown> } {
  const asking = request(address, { method: "POST", headers: { expect: "100-continue" } });
  const hasCome = once(asking, "continue");
  asking.flushHeaders();
  return {
    hasCome,
    async end() {
      const answered = once(asking, "response") as Promise<[IncomingMessage]>;
      asking.end(JSON.stringify({ inputs: "the whale" }));
      return json((await answered)[0]);
    },
  };
}

test("it answers, and asked to end it answers what has come, then ends with 0", { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "x-serve-"));
  await writeModels(folder);
  const answers: Promise<unknown>[] = [];
  const serving = x(["serve", "--model", join(folder, "embed"), "--port", "0", "--threads", "1", "--json", join(folder, "classify-text")], {
    async onOutput(out, child) {
      if (answers.length > 0 || out.split("\n").length < 3) return;
      const { address } = JSON.parse(out.split("\n")[0] ?? "") as { address: string };
      const ask = async (path: string): Promise<unknown> => {
        const response = await fetch(address + path, { method: "POST", body: JSON.stringify({ inputs: "the whale" }) });
        return response.json();
      };
      answers.push(ask("/embed"), ask("/predict"));
      await Promise.all(answers);
      const late = ["/embed", "/embed", "/predict"].map((path) => begin(address + path));
      await Promise.all(late.map(({ hasCome }) => hasCome));
      child.kill("SIGINT");
      answers.push(...late.map(({ end }) => end()));
    },
  });
  const ended = await serving;
  expect(records(ended)).toMatchObject([{ does: ["embed"] }, { does: ["predict"] }]);
  expect([ended.code, ended.err]).toEqual([0, ""]);
  const [vector, labels, ...late] = await Promise.all(answers);
  expect(vector).toEqual([expect.arrayContaining([expect.any(Number)])]);
  expect(labels).toHaveLength(3);
  expect(late).toEqual([vector, vector, labels]);
  await rm(folder, { recursive: true });
});
