/** Folders and object storage are the same to a job. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import S3rver from "s3rver";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { bulk, type BulkOptions } from "../src/index.ts";
import { openStorage } from "../src/storage/open-storage.ts";
import { bytesOf, text } from "../src/storage/storage.ts";
import { freePort } from "./servers.ts";

let folder: string;
let server: S3rver;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bulk-storage-"));
  const port = await freePort();
  server = new S3rver({
    port,
    address: "127.0.0.1",
    silent: true,
    directory: join(folder, "s3"),
    configureBuckets: [{ name: "jobs", configs: [] }],
  });
  await server.run();
  const settings = { AWS_ACCESS_KEY_ID: "S3RVER", AWS_SECRET_ACCESS_KEY: "S3RVER", AWS_REGION: "eu-central-1" };
  for (const [name, value] of Object.entries({ ...settings, AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}` })) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
  await rm(folder, { recursive: true });
});

describe.each([
  ["a folder", () => join(folder, "plain")],
  ["object storage", () => "s3://jobs/some/place"],
])("%s", (_, place) => {
  test("files are written, listed, read and removed", async () => {
    const storage = await openStorage(place());
    expect(await storage.list("")).toEqual([]);
    expect(await storage.read("a.txt")).toBeUndefined();
    for (const name of ["b.txt", "a.txt", "in/c.txt", "in/deep/d.txt"]) await storage.write(name, bytesOf(name));
    await storage.write("a.txt", bytesOf("anew"));
    expect(await storage.list("")).toEqual(["a.txt", "b.txt"]);
    expect(await storage.list("in")).toEqual(["c.txt"]);
    expect(text((await storage.read("a.txt")) ?? new Uint8Array())).toBe("anew");
    await storage.remove("in");
    await storage.remove("nothing");
    expect(await storage.list("in")).toEqual([]);
    expect(await storage.list("")).toEqual(["a.txt", "b.txt"]);
    await storage.remove("");
    expect(await storage.list("")).toEqual([]);
  });
});

test("a job's parts in object storage are those of a folder", async () => {
  const task = { kind: "module", model: join(import.meta.dirname, "task.ts") } as const;
  const source = Array.from({ length: 25 }, (_, i) => ({ id: i, text: i === 7 ? "bad" : "x".repeat(i + 1) }));
  const job = { source, task, format: "jsonl", shardSize: 10, workers: 1 } as const;
  expect(await bulk({ ...job, sink: "s3://jobs/result/" })).toMatchObject({ rows: 25, failed: 1, shards: 3 });
  await bulk({ ...job, sink: `${folder}/result/` });
  const [there, here] = await Promise.all([openStorage("s3://jobs/result"), openStorage(join(folder, "result"))]);
  const names = (await readdir(join(folder, "result"))).sort();
  expect(await there.list("")).toEqual(names);
  for (const name of names)
    expect(text((await there.read(name)) ?? new Uint8Array()), name).toBe(text((await here.read(name)) ?? new Uint8Array()));
  expect(await bulk({ ...job, sink: "s3://jobs/result/" })).toMatchObject({ resumed: 3, workers: 0, failed: 1 });
  await expect(bulk({ ...job, sink: "s3://jobs/result.jsonl" })).rejects.toThrow("a folder");
});

test("pictures that lie there, by their addresses or by the place that they are in; one that is missing is a bad item", async () => {
  const golden = join(import.meta.dirname, "../../models-vision/golden/classify");
  const storage = await openStorage("s3://jobs/pictures");
  for (const [name, file] of [
    ["sky.jpg", "sky.jpg"],
    ["more/a name, with # and ?.png", "stripes.png"],
  ] as const)
    await storage.write(name, await readFile(join(golden, file)));
  const task = { kind: "classify", model: join(golden, "vit") } as const;
  const labelsOf = async (sink: string, source: BulkOptions["source"]): Promise<unknown> => {
    await bulk({ source, task, sink: join(folder, sink), workers: 1 });
    const lines = (await readFile(join(folder, sink), "utf8")).split("\n").slice(0, -1);
    return lines.map((line) => Object.values(JSON.parse(line) as object).slice(0, 2) as unknown);
  };
  expect(await labelsOf("place.jsonl", "s3://jobs/pictures")).toEqual([
    ["more/a name, with # and ?.png", "stripes"],
    ["sky.jpg", "sky"],
  ]);
  const named = ["s3://jobs/pictures/sky.jpg", join(golden, "stripes.png"), "s3://jobs/pictures/none.png"].map((file) => ({ file }));
  expect(await labelsOf("named.jsonl", named)).toEqual(named.map(({ file }, i) => [file, ["sky", "stripes", null][i]]));
  expect(await readFile(join(folder, "named.jsonl.errors.jsonl"), "utf8")).toContain("there is no s3://jobs/pictures/none.png");
});
