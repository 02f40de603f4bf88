/** Specification of assembly/parts/activation.ts and activate.ts: each activation's value, and its gradient. */
import { erf, generate, type Numbers } from "./numbers.ts";

interface Definition {
  readonly value: (x: number) => number;
  /** From y of tanh and sigmoid and from x of all others, and from the gradient of y. */
  readonly gradient: (saved: number, dy: number) => number;
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** x·f, and 0 at -∞, where f falls faster than x. */
const gate = (x: number, f: number): number => (x === -Infinity ? 0 : x * f);

/** The derivative of such a function, and its limits. */
const slope = (x: number, derivative: number): number => (Math.abs(x) === Infinity ? Number(x > 0) : derivative);

/** √(2/π)(x + 0.044715x³) */
const bent = (x: number): number => Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);

export type Activation = "relu" | "gelu" | "geluTanh" | "quickGelu" | "silu" | "tanh" | "sigmoid" | "softplus";

const activations: Readonly<Record<Activation, Definition>> = {
  relu: {
    value: (x) => Math.max(x, 0),
    gradient: (x, dy) => (x <= 0 ? 0 : dy),
  },
  gelu: {
    value: (x) => gate(x, 0.5 * (1 + erf(x / Math.SQRT2))),
    gradient: (x, dy) => dy * slope(x, 0.5 * (1 + erf(x / Math.SQRT2)) + (x * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI)),
  },
  geluTanh: {
    value: (x) => gate(x, 0.5 * (1 + Math.tanh(bent(x)))),
    gradient: (x, dy) => {
      const t = Math.tanh(bent(x));
      const inner = Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
      return dy * slope(x, 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * inner);
    },
  },
  quickGelu: {
    value: (x) => gate(x, logistic(1.702 * x)),
    gradient: (x, dy) => {
      const s = logistic(1.702 * x);
      return dy * slope(x, s + 1.702 * x * s * (1 - s));
    },
  },
  silu: {
    value: (x) => gate(x, logistic(x)),
    gradient: (x, dy) => {
      const s = logistic(x);
      return dy * slope(x, s * (1 + x * (1 - s)));
    },
  },
  tanh: {
    value: Math.tanh,
    gradient: (y, dy) => dy * (1 - y ** 2),
  },
  sigmoid: {
    value: logistic,
    gradient: (y, dy) => dy * y * (1 - y),
  },
  softplus: {
    value: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    gradient: (x, dy) => dy * logistic(x),
  },
};

/** Without an activation, x as it is. */
export function activate(x: Numbers, activation?: Activation): Float64Array {
  return generate(x.length, (i) => (activation ? activations[activation].value(x[i]!) : x[i]!));
}

export function activateBackward(saved: Numbers, dy: Numbers, activation: Activation): Float64Array {
  return generate(saved.length, (i) => activations[activation].gradient(saved[i]!, dy[i]!));
}
