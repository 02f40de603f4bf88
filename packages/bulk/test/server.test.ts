/** A server that starts runs: it tells how far they are, stops them when nobody listens any more, and answers others all the while. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bulk, type BulkProgress, type BulkReport } from "../src/index.ts";

let folder: string;
let server: Server;
let address: string;
/** What holds the first run up when some shards are done: a file that isn't there yet. */
const gate = (): string => join(folder, "gate");
/** How runs ended. */
const outcomes: (BulkReport | string)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bulk-server-"));
  server = createServer((request, response) => {
    if (request.url === "/health") return void response.end("well");
    const stopped = new AbortController();
    response.on("close", () => stopped.abort(new Error("nobody listens")));
    const say = (event: object): void => void response.write(`data: ${JSON.stringify(event)}\n\n`);
    bulk({
      source: Array.from({ length: 1500 }, (_, i) => ({ text: i === 777 ? "shut" : "x".repeat(i % 9) })),
      task: { kind: "module", model: join(import.meta.dirname, "task.ts"), options: { gate: gate() } },
      sink: join(folder, "letters.jsonl"),
      shardSize: 100,
      workers: 1,
      signal: stopped.signal,
      onProgress: say,
    }).then(
      (report) => {
        outcomes.push(report);
        say(report);
        response.end();
      },
      (error: Error) => outcomes.push(error.message),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const at = server.address();
  address = `http://127.0.0.1:${typeof at === "object" && at !== null ? at.port : 0}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

async function* eventsOf(signal?: AbortSignal): AsyncGenerator<BulkProgress | BulkReport, void, void> {
  const { body } = await fetch(`${address}/run`, { method: "POST", ...(signal && { signal }) });
  let text = "";
  for await (const piece of body ?? []) {
    text += new TextDecoder().decode(piece);
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) yield JSON.parse(event.slice("data: ".length)) as BulkProgress;
  }
}

test("progress, a listener that goes away, and one that comes later", { timeout: 120_000 }, async () => {
  const leaving = new AbortController();
  const listened = (async () => {
    for await (const event of eventsOf(leaving.signal))
      if ("phase" in event && event.phase === "working" && event.done >= 500) leaving.abort();
  })();
  await expect(listened).rejects.toThrow("abort");
  await expect.poll(() => outcomes, { timeout: 60_000 }).toEqual(["nobody listens"]);
  await writeFile(gate(), "");

  const phases = new Set<string>();
  let last: BulkProgress | BulkReport | undefined;
  for await (const event of eventsOf()) {
    last = event;
    if (!("phase" in event)) continue;
    if (!phases.has(event.phase)) expect(await (await fetch(`${address}/health`)).text()).toBe("well");
    phases.add(event.phase);
  }
  expect([...phases]).toEqual(["working", "gathering"]);
  expect(last).toMatchObject({ rows: 1500, failed: 0, shards: 15, wasDone: false });
  expect((last as BulkReport).resumed).toBeGreaterThanOrEqual(4);
  expect((await readFile(join(folder, "letters.jsonl"), "utf8")).split("\n")).toHaveLength(1501);
});
