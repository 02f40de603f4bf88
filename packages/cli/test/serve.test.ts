/** `x serve` as a process: it answers, and ends gracefully. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeModels } from "./models.ts";
import { records, x } from "./x.ts";

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
      await answers[0];
      const late = ["/embed", "/embed", "/predict"].map(ask);
      await new Promise((resolve) => setTimeout(resolve, 20));
      answers.push(...late);
      child.kill("SIGINT");
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
