/** Folders and object storage are the same to a job. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import S3rver from "s3rver";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { bulk } from "../src/index.ts";
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
