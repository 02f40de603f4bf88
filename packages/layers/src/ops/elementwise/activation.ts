import { record } from "../../autograd/record.ts";
import { TensorError } from "../../errors.ts";
import { engine } from "../../tensor/engine.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";

/** The nonlinearities that papers' feed-forward layers have. */
export type Activation = "relu" | "gelu" | "geluTanh" | "quickGelu" | "silu" | "tanh" | "sigmoid";

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

/** Applies an activation by name, element by element. */
export function activate(x: Tensor, activation: Activation): Tensor {
  const y = empty(x.shape);
  engine().launch("activate", x.size, 16, x.pointer, y.pointer, codes[activation]);
  return record(activation, y, [x], (dy) => [
    () => {
      const dx = empty(x.shape);
      const known = derivedFromOutput.has(activation) ? y : x;
      engine().launch("activateBackward", x.size, 16, known.pointer, dy.pointer, dx.pointer, codes[activation]);
      return dx;
    },
  ]);
}

/** By the kernels' numbers. */
const codes: Readonly<Record<Activation, number>> = { relu: 1, gelu: 2, geluTanh: 3, quickGelu: 4, silu: 5, tanh: 6, sigmoid: 7 };

/** Activations whose gradient is written in terms of y rather than x. */
const derivedFromOutput: ReadonlySet<Activation> = new Set(["tanh", "sigmoid"]);

const byHubName: Readonly<Record<string, Activation>> = {
  relu: "relu",
  gelu: "gelu",
  gelu_new: "geluTanh",
  gelu_pytorch_tanh: "geluTanh",
  quick_gelu: "quickGelu",
  silu: "silu",
  swish: "silu",
  tanh: "tanh",
};

/** The activation that a Hugging Face config's `hidden_act` names. @throws TensorError when there is none of that name */
export function activationOf(hiddenAct: string): Activation {
  const activation = byHubName[hiddenAct];
  if (!activation) throw new TensorError(`hidden_act: expected one of ${Object.keys(byHubName).join(", ")}, but found "${hiddenAct}"`);
  return activation;
}
