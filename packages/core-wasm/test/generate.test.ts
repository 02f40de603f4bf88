/** The generator of the kernels' face: what it makes of a kernel, and what it refuses. */
import { describe, expect, test } from "vitest";
import { emitKernels, emitStaticEnd } from "../generate/emit.ts";
import { type Assembly, parseAssembly } from "../generate/parse.ts";

const parsed = (text: string, others: Readonly<Record<string, string>> = {}): Assembly =>
  parseAssembly(new Map(Object.entries({ kernel: text, ...others })));

const signature = "x: Floats, y: FloatsOut, n: i32, begin: i32, end: i32";
const kernel = (tags: readonly string[], parameters: string = signature): string =>
  `/**\n * What it does.\n${tags.map((tag) => ` * ${tag}\n`).join("")} */\nexport function kernel(${parameters}): void {\n}\n`;

test("a kernel becomes a function of named arguments", () => {
  const source = `import { PANEL } from "./parts/tile";
const STEP: usize = 4 * PANEL;

const enum Mode {
  None,
  TwoWords,
}

/**
 * How long it is.
 * @length packedLength(n) = ceilDivide(n, PANEL) * PANEL
 */

${kernel(
  ["@units batch * ceilDivide(n, PANEL)", "@cost n / units", "@scratch packedLength(n) + STEP + work"],
  "x: Floats, table: OptionalInts, y: BytesOut, z: WordsOut, n: i32, isLast: bool, mode: Mode, other: OptionalMode, scratch: usize, begin: i32, end: i32",
)}`;
  const assembly = parsed(source, { "parts/tile": "export const PANEL: i32 = 8;" });
  const text = emitKernels(assembly);
  for (const line of [
    'export type Mode = "twoWords";',
    "/** How long it is. */\nexport const packedLength = (n: number): number => ceilDivide(n, 8) * 8;",
    "  /** What it does. */\n  kernel(call: {",
    '    readonly x: Operand<"float32">;\n    readonly table?: Operand<"int32"> | undefined;\n    readonly y: Operand<"uint8">;\n    readonly z: Operand<"float32" | "int32">;',
    "    readonly n: number;\n    readonly isLast: boolean;\n    readonly mode: Mode;\n    readonly other?: Mode | undefined;\n    readonly batch: number;\n    readonly work: number;\n  }): void;",
    '  Mode: ["", "twoWords"],',
    '  kernel: ["x:f table:i? y:B z:W n isLast mode:Mode other:Mode?", (call, launch) => { const units = call.batch * ceilDivide(call.n, 8); ' +
      "launch(call, units, call.n / units, packedLength(call.n) + (4 * 8) + call.work); }],",
  ]) {
    expect(text).toContain(line);
  }
  expect(emitStaticEnd(5000)).toContain("export const STATIC_END: number = 5000;");
});

describe("refused, with file and line", () => {
  const units = "@units n";
  const cost = "@cost 2";
  test.for([
    ["no docstring", `export function kernel(${signature}): void {\n}\n`, "assembly/kernel.ts:1: kernel kernel has no docstring"],
    ["no units", kernel([cost]), "assembly/kernel.ts:5: kernel kernel has no @units"],
    ["no cost", kernel([units]), "assembly/kernel.ts:5: kernel kernel has no @cost"],
    ["an unknown name", kernel([units, "@cost colums"]), "assembly/kernel.ts:6: kernel kernel: @cost has an unknown name, colums"],
    ["an unknown constant", kernel(["@units n * PANELS", cost]), "assembly/kernel.ts:6: kernel kernel: there is no constant PANELS"],
    [
      "an unknown function",
      kernel(["@units celDivide(n, 8)", cost]),
      'assembly/kernel.ts:6: there is no function celDivide, in "celDivide(n, 8)"',
    ],
    ["an operand as a number", kernel(["@units x", cost]), "assembly/kernel.ts:6: kernel kernel: x is no number"],
    ["half an expression", kernel(["@units (n + 1", cost]), 'assembly/kernel.ts:6: expected ) instead of the end in "(n + 1"'],
    ["too much of an expression", kernel(["@units n n", cost]), 'assembly/kernel.ts:6: expected the end instead of n in "n n"'],
    ["an unknown tag", kernel([units, cost, "@costs 3"]), "assembly/kernel.ts:7: cannot follow the tag @costs 3"],
    [
      "a bare pointer",
      kernel([units, cost], "x: usize, n: i32, begin: i32, end: i32"),
      "assembly/kernel.ts:6: kernel kernel: cannot follow the argument x: usize; of a pointer, operands.ts says to what",
    ],
    ["no range", kernel([units, cost], "x: Floats, n: i32"), "assembly/kernel.ts:6: kernel kernel must end with begin: i32, end: i32"],
    [
      "scratch without a tag",
      kernel([units, cost], "x: Floats, n: i32, scratch: usize, begin: i32, end: i32"),
      "assembly/kernel.ts:6: kernel kernel: an argument scratch: usize before begin and a tag @scratch belong together",
    ],
    [
      "operands behind numbers",
      kernel([units, cost], "n: i32, x: Floats, begin: i32, end: i32"),
      "assembly/kernel.ts:6: kernel kernel: operands come before all other arguments",
    ],
    [
      "numbered members",
      "const enum Mode {\n  One = 1,\n}\n",
      "assembly/kernel.ts:1: enum Mode: members are names alone, numbered from 0 on",
    ],
    ["a length of something else", "/**\n * Long.\n * @length long(n) = m\n */\n", "assembly/kernel.ts:1: long has no m"],
  ] as const)("%s", ([, source, message]) => {
    expect(() => parsed(source)).toThrow(new SyntaxError(message));
  });
});
