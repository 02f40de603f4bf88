/** Activations, element by element, with their gradients: activation.ts has the maths. Tails run through the same lanes as the body. */
import { Activation, backward, forward } from "./parts/activation";
import { Floats, FloatsOut } from "./parts/operands";

/**
 * y = f(x); y may be x.
 * @units size
 * @cost 16
 */
export function activate(x: Floats, y: FloatsOut, activation: Activation, begin: i32, end: i32): void {
  forward(activation, x, y, begin, end);
}

/**
 * dx = dy·f′, from y of tanh and sigmoid and from x of all others; dx may be dy.
 * @units size
 * @cost 16
 */
export function activateBackward(saved: Floats, dy: Floats, dx: FloatsOut, activation: Activation, begin: i32, end: i32): void {
  backward(activation, saved, dy, dx, begin, end);
}
