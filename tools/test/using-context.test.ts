/** What `using` is compiled to in the packages: the same as the language's own. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { library } from "../packaging/library.ts";
import usingContext from "../packaging/using-context.js";

/** As the compiler writes a block that uses these. */
function run(used: readonly (Disposable | undefined)[], body: () => void): void {
  const context = usingContext();
  try {
    for (const value of used) context.u(value);
    body();
  } catch (error) {
    context.e = error;
  } finally {
    context.d();
  }
}

test("what is used is disposed of, the last first, whatever is thrown; a missing value is passed over", () => {
  const order: string[] = [];
  const named = (name: string): Disposable => ({ [Symbol.dispose]: () => void order.push(name) });
  run([named("a"), undefined, named("b")], () => undefined);
  expect(() => run([named("c"), named("d")], () => expect.unreachable("of the block"))).toThrow("of the block");
  expect(order).toEqual(["b", "a", "d", "c"]);
});

test("no error is lost: that of the block stands behind those of disposing", () => {
  const failing = (message: string): Disposable => ({
    [Symbol.dispose]: () => {
      throw new Error(message);
    },
  });
  expect(() => run([failing("alone")], () => undefined)).toThrow("alone");
  try {
    run([failing("later")], () => {
      throw new Error("first");
    });
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ name: "SuppressedError", error: { message: "later" }, suppressed: { message: "first" } });
  }
});

test.for([
  ["bulk", false],
  ["cli", false],
  ["layers", true],
] as const)("packages with `await using` keep the compiler's helper, which waits: %s", ([name, isReplaced]) => {
  const home = process.cwd();
  process.chdir(join(import.meta.dirname, "../../packages", name));
  try {
    expect(JSON.stringify(library({}).plugins).includes("using-context")).toBe(isReplaced);
  } finally {
    process.chdir(home);
  }
});
