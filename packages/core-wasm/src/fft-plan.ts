import type { Block, Operand } from "./block.ts";
import type { Core } from "./core.ts";
import { fftTable, fftWork } from "./fft-table.ts";

/** What the Fourier kernels need to know of a length. */
export interface FftPlan {
  /** Its table: order, twiddles, and the filter of a length with other factors than 2, 3 and 5. */
  readonly plan: Operand<"uint8"> & { readonly block: Block };
  /** Bytes of working memory that each thread needs. */
  readonly work: number;
}

/** How many lengths are remembered. Texts of any length up to 512 make many; each takes some 10 KB. */
const CAPACITY = 64;

/** By length, the latest used last. */
type Plans = Map<number, FftPlan>;

const kept = new WeakMap<Core, Plans>();

function plansOf(core: Core): Plans {
  const plans = kept.get(core) ?? new Map<number, FftPlan>();
  kept.set(core, plans);
  return plans;
}

/**
 * The plan for sequences of `length` elements, made when it is first asked for and kept in the kernels' memory until 63 other lengths were asked for.
 * @throws OutOfMemoryError when there is no room for it
 */
export function fftPlan(core: Core, length: number): FftPlan {
  const plans = plansOf(core);
  const plan = plans.get(length) ?? makePlan(core, length, plans);
  plans.delete(length);
  plans.set(length, plan);
  return plan;
}

function makePlan(core: Core, length: number, plans: Plans): FftPlan {
  for (const [oldest, { plan }] of plans) {
    if (plans.size < CAPACITY) break;
    plans.delete(oldest);
    core.memory.countAsTables(() => plan.block.release());
  }
  const table = fftTable(length);
  const block = core.memory.countAsTables(() => core.allocate(table.byteLength));
  block.view("uint8", 0, table.byteLength).set(table);
  return { plan: block.as("uint8"), work: fftWork(length) };
}
