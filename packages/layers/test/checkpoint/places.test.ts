/**
 * Where files lie, whatever it is said with. Values of another realm, as under Jest, in iframes and from contextBridge, are as good as ours: microsoft/onnxruntime#16622,
 * jestjs/jest#11864, #9993, vitest-dev/vitest#3976, #5183, tensorflow/tfjs#7181.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { afterEach, beforeAll, expect, test } from "vitest";
import { CheckpointError, init, openCheckpoint, scope, tensor, type Tensor } from "../../src/index.ts";
import { encodeSafetensors, saveSafetensors } from "../../src/save.ts";

const tensors = new Map([["w", { shape: [2, 3], view: () => Float32Array.from({ length: 6 }, (_, i) => i) }]]);
const elsewhere = createContext({});
const foreign = (code: string): unknown => runInContext(code, elsewhere);

beforeAll(() => init());

async function foreignBytes(): Promise<Uint8Array<ArrayBuffer>> {
  const own = new Uint8Array(await encodeSafetensors(tensors).arrayBuffer());
  const bytes = (foreign("(length) => new Uint8Array(length)") as (length: number) => Uint8Array<ArrayBuffer>)(own.length);
  bytes.set(own);
  return bytes;
}

test("bytes, buffers and maps of another realm", async () => {
  const bytes = await foreignBytes();
  expect(bytes).not.toBeInstanceOf(Uint8Array);
  const files = foreign("new Map()") as Map<string, Uint8Array<ArrayBuffer>>;
  files.set("model.safetensors", bytes);
  for (const where of [bytes, bytes.buffer, files]) {
    const checkpoint = await openCheckpoint(where);
    const read = new Float32Array(6);
    await checkpoint.readInto([["w", { shape: [2, 3], view: () => read }]]);
    expect([...read]).toEqual([0, 1, 2, 3, 4, 5]);
  }
});

test("numbers, and what a scope returns, of another realm", () => {
  expect(tensor(foreign("[[1, 2], [3, 4]]") as number[][]).toArray()).toEqual([[1, 2], [3, 4]]); // prettier-ignore
  expect(tensor(foreign("new Float32Array([1, 2])") as Float32Array).toArray()).toEqual([1, 2]);
  for (const [code, get] of [
    ["({ put(x) { this.x = x; } })", (from: { x: Tensor }) => from.x],
    ["Object.assign([], { put(x) { this.push(x); } })", (from: Tensor[]) => from[0]],
    ["Object.assign(new Map(), { put(x) { this.set('x', x); } })", (from: Map<string, Tensor>) => from.get("x")],
    ["Object.assign(new Set(), { put(x) { this.add(x); } })", (from: Set<Tensor>) => [...from][0]],
  ] as const) {
    const returned = scope(() => {
      const holder = foreign(code) as { put(x: Tensor): void };
      holder.put(tensor([1]));
      return holder;
    });
    const kept = (get as (from: unknown) => Tensor)(returned);
    expect(kept.disposed, code).toBe(false);
    kept.dispose();
  }
  expect(() => scope(() => foreign("Promise.resolve(1)"))).toThrow("scope: the body must not be asynchronous");
});

test.each([undefined, null, 5, true, {}, [], "", Promise.resolve("a/b"), () => "a/b", Symbol("a"), new Float32Array(2)])(
  "%s is no place to read from or to save to",
  async (where) => {
    await expect(openCheckpoint(where as never)).rejects.toThrow(CheckpointError);
    await expect(saveSafetensors(tensors, where as never)).rejects.toThrow(CheckpointError);
  },
);

test("what lies in a map must be bytes", async () => {
  await expect(openCheckpoint(new Map([["model.safetensors", "text" as never]]))).rejects.toThrow(
    'model.safetensors: can\'t be read (expected bytes or a Blob, found "text")',
  );
  await expect(openCheckpoint(Promise.resolve("a/b") as never)).rejects.toThrow("found a promise (is an await missing?)");
});

test.each(["http://127.0.0.1:1/model", "https://example.org/a/b", "hf://a/b", "s3://bucket/model", new URL("https://example.org/a")])(
  "nothing is saved to %s",
  async (where) => {
    await expect(saveSafetensors(tensors, where)).rejects.toThrow("can't be saved to an address; save to a folder, and upload that");
  },
);

const home = process.env["HOME"];
afterEach(() => {
  process.env["HOME"] = home;
});

test("~ is the user's folder, both ways, and nobody's folder is called so", async () => {
  const folder = mkdtempSync(join(tmpdir(), "home-"));
  process.env["HOME"] = folder;
  await saveSafetensors(tensors, "~/models/mine");
  expect(existsSync(join(folder, "models/mine/model.safetensors"))).toBe(true);
  expect(existsSync("~")).toBe(false);
  expect([...(await openCheckpoint("~/models/mine")).entries.keys()]).toEqual(["w"]);
  await expect(openCheckpoint("~/nothing")).rejects.toThrow(`${join(folder, "nothing")}: there is no such file or folder`);
  rmSync(folder, { recursive: true });
});
