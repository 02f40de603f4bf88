import { expect, test } from "vitest";
import { linesOf } from "../src/lines.ts";
import { table } from "../src/table.ts";

test("columns are aligned by what they look like on a terminal", () => {
  expect(
    table([
      ["a", 1, "x"],
      ["日本", 0.25, "y"],
      ["e\u0301", 12, ""],
    ]),
  ).toBe("a      1.0000  x\n日本   0.2500  y\né     12.0000\n".replace("é", "e\u0301"));
  expect(
    table(
      [
        ["id", 7],
        ["x", 3014],
      ],
      "  ",
    ),
  ).toBe("  id     7\n  x   3014\n");
  expect(table([["a\u001b[31mb\u009b"]])).toBe("a�[31mb�\n");
  expect(table([])).toBe("");
});

/** Lines from pieces, a list for each. */
async function read(pieces: readonly (string | number[])[]): Promise<{ lists: string[][]; bad: string[] }> {
  const [lists, bad]: [string[][], string[]] = [[], []];
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for (const piece of pieces) yield typeof piece === "string" ? new TextEncoder().encode(piece) : Uint8Array.from(piece);
  }
  for await (const lines of linesOf(bytes(), (line, why) => bad.push(`${line} ${why}`))) lists.push(lines);
  return { lists, bad };
}

test("lines come as their pieces come, wherever these are cut", async () => {
  expect(await read(["a\nb", "c\n", "d\r", "\n\n", "e"])).toEqual({ lists: [["a"], ["bc"], ["d"], ["e"]], bad: [] });
  const euro = [...new TextEncoder().encode("€\n")];
  expect(await read(euro.map((byte) => [byte]))).toEqual({ lists: [["€"]], bad: [] });
  expect(await read([[0xef, 0xbb, 0xbf, 97, 10]])).toEqual({ lists: [["a"]], bad: [] });
  expect(await read([])).toEqual({ lists: [], bad: [] });
});

test("what isn't UTF-8, or endless, is told by its number and left out", async () => {
  expect(await read(["a\n", [0xff, 10], "b\n", [0xc3]])).toEqual({
    lists: [["a"], ["b"]],
    bad: ["2 is not UTF-8 text", "4 is not UTF-8 text"],
  });
  const mebibyte = "x".repeat(2 ** 20);
  const endless = Array.from({ length: 40 }, () => mebibyte);
  expect(await read(["a\n", ...endless, "\nb\n", ...endless])).toEqual({
    lists: [["a"], ["b"]],
    bad: ["2 is beyond 16 MiB", "4 is beyond 16 MiB"],
  });
});
