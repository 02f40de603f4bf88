import { Block, type BlockOwner, type Operand } from "../block.ts";
import { fftTable, fftWork } from "../fft-table.ts";
import { kernelsOf } from "../generated/kernels.ts";
import type { Choices, Launcher } from "../launcher.ts";
import type { DType } from "../memory.ts";

/** A core's memory and kernels, without threads. */
export interface Side {
  readonly owner: BlockOwner;
  readonly launcher: Launcher;
}

/**
 * What every kernel is called with, by the arguments' names: small enough that nothing beyond an operand is touched, odd, so that there are tails, and k
 * longer than a slice of it. Results needn't mean anything; they must be the same.
 */
const numbers = Object.fromEntries(
  `size 403, length 403, rows 13, columns 37, inner 37, outer 3, axis 5, outputs 11, n0 3, n1 2, n2 2, n3 2, n4 2, n5 9, a0 300, a1 90, a2 40, a3 37,
  aInner 1, b0 37, b1 0, b2 0, b3 0, bInner 1, s0 72, s1 36, s2 18, s3 9, s4 1, s5 2, m 13, k 801, n 44, rowStride 801, columnStride 1, kStride 1,
  nStride 801, accumulate 1, yRowStride 44, rowsBatchStride 0, panelsBatchStride 0, yBatchStride 0, panelsStride 2048, productsStride 2048, xStride 41,
  yStride 43, heads 2, headSize 20, queryCount 23, keyCount 23, queryRows 23, keyRows 23, queryStride 40, keyStride 40, valueStride 40, scale 0.75,
  shift 0.25, maskBatches 1, maskRowStride 23, lookahead 3, windows 1, batch 2, channels 3, planes 6, height 12, width 12, kernel 3, stride 1, padding 1,
  ones 1, patch 4, tokens 23, picks 7, classes 37, pixels 50, taps 3, epsilon 1e-5, smoothing 0.1, ignoreIndex -100, floor 0, low -0.5, high 0.5,
  exponent 2.5, inverse 0, value 0.5, rate 0.01, mix1 0.1, mix2 0.01, weightDecay 0.1, correction1 0.5, correction2 0.5, momentum 0.9, mean 0.1,
  deviation 0.5, keep 0.75, probability 0.25, seed 7, stream 3`
    .split(",")
    .map((entry) => entry.trim().split(" "))
    .map(([name, value]) => [name ?? "", Number(value)]),
);

const COLUMNS = 37;

/** Elements of an operand. */
const LENGTH = 40_000;
/** Kernels and operands for which a negative number is none. */
const positive: ReadonlySet<string> = new Set(["log", "sqrt", "pow", "v", "variance"]);
const letters: Readonly<Record<string, DType>> = { f: "float32", i: "int32", w: "float32", b: "uint8" };

/**
 * Calls every kernel there is on both sides, with the same pseudo-random numbers, and compares all that was written, bit by bit (any NaN is as good as
 * another).
 * @returns the kernels whose results differ
 */
export function differingKernels(left: Side, right: Side): readonly string[] {
  const sides = [left, right].map(openSide);
  try {
    const [one, other] = sides as [OpenSide, OpenSide];
    const differing = one.calls.flatMap(({ kernel, choice, run }, i) => {
      const results = [run(), (other.calls[i] as Call).run()] as const;
      return sameNumbers(...results) ? [] : [choice === "" ? kernel : `${kernel} (${choice})`];
    });
    return [...new Set(differing)];
  } finally {
    for (const side of sides) side[Symbol.dispose]();
  }
}

interface Call {
  readonly kernel: string;
  /** Of a kernel with a choice, like activations. */
  readonly choice: string;
  /** Gives what was written, operand after operand. */
  readonly run: () => readonly Float32Array[];
}

interface OpenSide extends Disposable {
  readonly calls: readonly Call[];
}

function openSide({ owner, launcher }: Side): OpenSide {
  const { floats, integers } = draws();
  const blocks: Block[] = [];
  const filled = (values: Float32Array): Block => {
    const block = new Block(owner, 4 * LENGTH);
    blocks.push(block);
    block.view("float32", 0, LENGTH).set(values);
    return block;
  };
  const table = fftTable(COLUMNS);
  const plan = new Block(owner, table.byteLength);
  plan.view("uint8", 0, table.byteLength).set(table);
  const work = fftWork(COLUMNS);
  const index = new Block(owner, 4 * LENGTH);
  index.view("int32", 0, LENGTH).set(integers);
  blocks.push(plan, index);

  const inputs = new Map<string, { readonly block: Block; readonly values: Float32Array }>();
  const calls: Call[] = [];
  const kernels = kernelsOf({
    bind(kernel, signature, choices) {
      const operands: Record<string, Operand> = {};
      const written: { readonly block: Block; readonly values: Float32Array }[] = [];
      let members: readonly string[] = [""];
      let chosen = "";
      for (const [i, [name, kind]] of signature
        .split(" ")
        .map((parameter) => parameter.split(":"))
        .entries()) {
        if (name === undefined || kind === undefined) continue;
        const letter = kind.charAt(0);
        const dtype = letters[letter.toLowerCase()];
        const choice = choiceOf(choices, kind);
        if (choice) [members, chosen] = [choice, name];
        else if (name === "plan") operands[name] = plan.as("uint8");
        else if (letter === "i") operands[name] = index.as("int32");
        else {
          const values = positive.has(kernel) || positive.has(name) ? floats(i).map((value) => Math.abs(value) + 0.01) : floats(i);
          const key = `${i} ${values[0]}`;
          const input = inputs.get(key) ?? { block: filled(values), values };
          inputs.set(key, input);
          operands[name] = input.block.as(dtype ?? "float32");
          if (letter !== letter.toLowerCase()) written.push(input);
        }
      }
      for (const choice of members) {
        const call = {
          ...numbers,
          length: kernel === "fft" ? numbers.columns : numbers.length,
          work,
          ...operands,
          ...(chosen ? { [chosen]: choice } : {}),
        };
        const run = (): readonly Float32Array[] => {
          (Reflect.get(kernels, kernel) as (call: object) => void)(call);
          const results = written.map(({ block }) => block.read("float32", 0, LENGTH));
          for (const { block, values } of written) block.view("float32", 0, LENGTH).set(values);
          return results;
        };
        calls.push({ kernel, choice, run });
      }
      return launcher.bind(kernel, signature, choices);
    },
  });
  return {
    calls,
    [Symbol.dispose]: () => {
      for (const block of blocks.splice(0)) block.release();
    },
  };
}

const choiceOf = (choices: Choices, kind: string): readonly string[] | undefined =>
  choices[kind.replace("?", "")]?.filter((name) => name !== "");

/** The same numbers for both sides: from -1 to 1, different ones for each place in a signature, and 0 to 3. */
function draws(): { floats: (place: number) => Float32Array; integers: Int32Array } {
  let state = 1; // Marsaglia 2003, xorshift
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const all = Float32Array.from({ length: LENGTH + 64 }, () => 2 * next() - 1);
  return { floats: (place) => all.subarray(place, place + LENGTH), integers: Int32Array.from({ length: LENGTH }, () => 4 * next()) };
}

function sameNumbers(left: readonly Float32Array[], right: readonly Float32Array[]): boolean {
  return left.every((values, i) => {
    const others = right[i] as Float32Array;
    return values.every((value, j) => Object.is(value, others[j]));
  });
}
