import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sha1, sha256 } from "../../src/files/platform/sha.ts";

describe.for([
  ["sha1", sha1],
  ["sha256", sha256],
] as const)("%s", ([name, make]) => {
  const ours = (...parts: readonly Uint8Array[]): string => {
    const hash = make();
    for (const part of parts) hash.update(part);
    return hash.hex();
  };

  test("of every length up to three blocks, and of the standard's example", () => {
    for (let length = 0; length <= 192; length++) {
      const bytes = new Uint8Array(length).map((_, i) => 37 * i + length);
      expect(ours(bytes)).toBe(createHash(name).update(bytes).digest("hex"));
    }
    const abc = {
      sha1: "a9993e364706816aba3e25717850c26c9cd0d89d",
      sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    };
    expect(ours(new TextEncoder().encode("abc"))).toBe(abc[name]);
  });

  test("however the bytes come in parts", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), (parts) => {
        expect(ours(...parts)).toBe(createHash(name).update(Buffer.concat(parts)).digest("hex"));
      }),
    );
  });

  test("20 MB", () => {
    const bytes = new Uint8Array(20_000_000).map((_, i) => (i * i) >> 7);
    expect(ours(bytes)).toBe(createHash(name).update(bytes).digest("hex"));
  });
});
