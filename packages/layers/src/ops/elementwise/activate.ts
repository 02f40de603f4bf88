import type { Activation } from "@x/core-wasm";
import { record } from "../../autograd/tape.ts";
import { TensorError } from "../../errors.ts";
import { kernels } from "../../tensor/engine.ts";
import { checkArguments, oneOf, type ValueRule } from "../../options.ts";
import { checkFloats } from "../../tensor/operands.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";

export type { Activation };

/** max(x, 0) */
export const relu = (x: Tensor): Tensor => activate(x, "relu");
/** x · Φ(x), by the error function. Hendrycks & Gimpel 2016. */
export const gelu = (x: Tensor): Tensor => activate(x, "gelu");
/** ½x(1 + tanh(√(2/π)(x + 0.044715x³))): GELU approximated, `gelu_new` and `gelu_pytorch_tanh` in HF. Hendrycks & Gimpel 2016. */
export const geluTanh = (x: Tensor): Tensor => activate(x, "geluTanh");
/** x · sigmoid(1.702x): GELU approximated, OpenAI's CLIP. Hendrycks & Gimpel 2016. */
export const quickGelu = (x: Tensor): Tensor => activate(x, "quickGelu");
/** x · sigmoid(x), also called swish. */
export const silu = (x: Tensor): Tensor => activate(x, "silu");
export const tanh = (x: Tensor): Tensor => activate(x, "tanh");
/** 1 / (1 + exp(−x)) */
export const sigmoid = (x: Tensor): Tensor => activate(x, "sigmoid");
/** log(1 + exp(x)), a smooth ReLU. */
export const softplus = (x: Tensor): Tensor => activate(x, "softplus");

/** Applies an activation by name, element by element. */
export function activate(x: Tensor, activation: Activation): Tensor {
  checkArguments("activate", anActivation, { activation });
  checkFloats(activation, { x });
  const y = empty(x.shape);
  kernels().activate({ x, y, activation, size: x.size });
  return record(activation, y, [x], (dy) => [
    () => {
      const dx = empty(x.shape);
      const saved = derivedFromOutput.has(activation) ? y : x;
      kernels().activateBackward({ saved, dy, dx, activation, size: x.size });
      return dx;
    },
  ]);
}

/** Activations whose gradient is written in terms of y rather than x. */
const derivedFromOutput: ReadonlySet<Activation> = new Set(["tanh", "sigmoid"]);

/** Each activation's names in Hugging Face configs. */
const hubNames: Readonly<Record<Activation, readonly string[]>> = {
  relu: ["relu"],
  gelu: ["gelu", "gelu_python"],
  geluTanh: ["gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu_accurate"],
  quickGelu: ["quick_gelu"],
  silu: ["silu", "swish"],
  tanh: ["tanh"],
  sigmoid: ["sigmoid"],
  softplus: [],
};

/** All of them, by name. */
export const activations: readonly Activation[] = Object.keys(hubNames) as Activation[];

/** What Hugging Face configs call them. */
export const activationNames: readonly string[] = Object.values(hubNames).flat();

export const anActivation: ValueRule = oneOf(...activations);

/** The activation that a Hugging Face config's `hidden_act` names. @throws TensorError when there is none of that name */
export function activationOf(hiddenAct: string): Activation {
  const activation = activations.find((name) => hubNames[name].includes(hiddenAct));
  if (activation) return activation;
  throw new TensorError(`hidden_act: expected one of ${activationNames.join(", ")}, but found "${hiddenAct}"`);
}
