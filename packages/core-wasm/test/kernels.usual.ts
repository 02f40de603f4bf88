/**
 * Kernels that need no case of their own, because their signature says all: floats in, a result of as many floats, and nothing else, as x → y,
 * (a, b) → y, or (x, dy) → dx. Each is compared with the function of its name in reference/.
 */
import { readdirSync } from "node:fs";
import type { Numbers } from "../reference/numbers.ts";
import { kernelsOf } from "../src/generated/kernels.ts";
import type { Activation, Kernels } from "../src/index.ts";
import type { Draw, KernelCase } from "./bench.ts";

/** What isn't drawn from −2 to 2, operand by operand. */
const draws: { readonly [K in keyof Kernels]?: readonly Draw[] } = {
  log: ["positive"],
  sqrt: ["positive"],
  divide: ["any", "positive"],
  greater: ["halves", "halves"],
  greaterEqual: ["halves", "halves"],
  equal: ["halves", "halves"],
  where: ["halves"],
  absBackward: ["halves"],
};

const signatures = new Map<string, string>();
const choices = new Map<string, readonly string[]>();
kernelsOf({
  bind(kernel, parameters, known) {
    signatures.set(kernel, parameters);
    for (const [name, members] of Object.entries(known)) choices.set(name, members);
    return () => {};
  },
});

/** Every kernel there is. */
export const names: readonly string[] = [...signatures.keys()];
export const activations = (choices.get("Activation") ?? []).filter((name) => name !== "") as Activation[];

const folder = new URL("../reference/", import.meta.url);
const modules: object[] = await Promise.all(readdirSync(folder).map((file) => import(new URL(file, folder).href)));
const references = new Map<string, unknown>(modules.flatMap((module) => Object.entries(module)));

const isUsual = (signature: string): boolean => /^(\w+:f )+\w+:F$/.test(signature);

function usual(kernel: string, operands: readonly string[]): KernelCase {
  const reference = references.get(kernel);
  if (typeof reference !== "function") throw new Error(`reference/ has no function ${kernel}, to compare the kernel with`);
  const drawn: readonly Draw[] = Object.entries(draws).find(([name]) => name === kernel)?.[1] ?? [];
  return (bench, n) => {
    const inputs = operands.slice(0, -1).map((name, i) => [name, bench.numbers(n, drawn[i])] as const);
    const result = bench.output(n);
    const launch = Reflect.get(bench.kernels, kernel) as (call: object) => void;
    launch({ ...Object.fromEntries(inputs), [operands.at(-1) ?? ""]: result, size: n });
    bench.expect(
      result,
      Reflect.apply(
        reference,
        undefined,
        inputs.map(([, { values }]) => values),
      ) as Numbers,
    );
    return [result];
  };
}

/** @param special kernels that have a case of their own */
export const usualBeside = (special: Readonly<Record<string, KernelCase>>): Readonly<Record<string, KernelCase>> =>
  Object.fromEntries(
    [...signatures]
      .filter(([kernel, signature]) => isUsual(signature) && !Object.hasOwn(special, kernel))
      .map(([kernel, signature]) => [
        kernel,
        usual(
          kernel,
          signature.split(" ").map((operand) => operand.split(":")[0] ?? ""),
        ),
      ]),
  );
