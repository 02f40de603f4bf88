/** Finds the tensors in what a pickle held: a state dict, one wrapped by a training script, or a TorchScript module. */

import { CheckpointError } from "../../files/checkpoint-error.ts";
import type { PickleValue } from "./pickle.ts";
import { Attributes, PickledTensor } from "./allowlist.ts";

/** Averages over the training come first, as in timm. */
const wrappers = ["state_dict_ema", "model_ema", "state_dict", "model_state_dict", "model", "module", "net", "network", "weights"] as const;

const deepest = 64;
const longestName = 4096;
const mostVisits = 1_000_000;

/**
 * The tensors by name. A wrapper (`state_dict`, `model_state_dict`, `model`…) is unwrapped. Nested objects and dictionaries give dotted names.
 * @param file for messages
 * @throws CheckpointError when there is no tensor, or the nesting is absurd
 */
export function findTensors(value: PickleValue, file: string): ReadonlyMap<string, PickledTensor> {
  const inner = unwrap(value);
  const found = new Map<string, PickledTensor>();
  // A plain state dict: what else lies beside the tensors (optimiser states, notes) is not part of the model.
  if (inner instanceof Map) for (const [name, item] of inner) if (item instanceof PickledTensor) found.set(nameIn(name, file), item);
  if (found.size === 0) new Search(found, file).visit(inner, "", 0);
  if (found.size === 0) throw new CheckpointError("no tensor is in it; not a checkpoint?", { file });
  return found;
}

function nameIn(name: PickleValue, file: string): string {
  if (typeof name === "string" && name.length > longestName)
    throw new CheckpointError(`the pickle is refused: a name of more than ${longestName} characters`, { file });
  return String(name);
}

function unwrap(value: PickleValue): PickleValue {
  let inner = value;
  for (let depth = 0; depth < 4; depth++) {
    const outer = inner;
    if (!(outer instanceof Map)) break;
    const wrapper = wrappers.find((name) => outer.get(name) instanceof Map || outer.get(name) instanceof Attributes);
    if (wrapper === undefined || [...outer.values()].some((item) => item instanceof PickledTensor)) break;
    inner = outer.get(wrapper) ?? null;
  }
  return inner;
}

/** Bounded, because a small pickle can hold an endless or exponentially large structure by referring to itself. */
class Search {
  readonly #found: Map<string, PickledTensor>;
  readonly #file: string;
  #visits = 0;

  constructor(found: Map<string, PickledTensor>, file: string) {
    this.#found = found;
    this.#file = file;
  }

  visit(value: PickleValue, path: string, depth: number): void {
    if (++this.#visits > mostVisits || depth > deepest || path.length > longestName) {
      throw new CheckpointError("the pickle is refused: its nesting is absurd", { file: this.#file });
    }
    if (value instanceof PickledTensor) {
      this.#found.set(path, value);
      return;
    }
    const children = value instanceof Attributes ? value.state : value;
    if (!(children instanceof Map) && !Array.isArray(children)) return;
    for (const [name, child] of children.entries()) {
      if (typeof name !== "string" && typeof name !== "number") continue;
      this.visit(child, path === "" ? String(name) : `${path}.${name}`, depth + 1);
    }
  }
}
