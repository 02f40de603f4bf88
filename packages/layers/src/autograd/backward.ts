import { formatShape, ShapeError, TensorError } from "../errors.ts";
import { ones } from "../tensor/create.ts";
import { keep, scope } from "../tensor/scope.ts";
import { checkFloats } from "../tensor/operands.ts";
import { sameShape } from "../tensor/shape.ts";
import { KEEP_ALIVE, type Node, type Tensor } from "../tensor/tensor.ts";
import { accumulate, ownCopy, sumTo } from "./gradient.ts";
import { noGrad } from "./grad-mode.ts";

/**
 * Walks back from `loss` and adds d loss / d leaf to the `grad` of every leaf that requires it. The tape is spent: each op's record is dropped
 * as soon as its gradients are made.
 *
 * @param dy the gradient to start from, of loss's shape; default 1, for which loss must be a single number
 * @throws TensorError when nothing was recorded, loss isn't a single number and no `dy` is given, or a tensor on the way was freed
 */
export function backward(loss: Tensor, dy?: Tensor): void {
  checkFloats("backward", { loss }, { dy });
  if (!loss.requiresGrad) {
    throw new TensorError("backward: nothing leads back from this tensor: no input requires a gradient, or it was made under noGrad");
  }
  if (!dy && loss.size !== 1)
    throw new TensorError(`backward: without dy the loss must be a single number, but it has ${loss.size} elements`);
  if (dy && !sameShape(dy.shape, loss.shape))
    throw new ShapeError("backward", "dy must have the loss's shape", { loss: loss.shape, dy: dy.shape });

  noGrad(() => {
    const gradients = new Map<Tensor, Tensor>([[loss, dy ? dy.view(dy.shape) : ones(loss.shape)]]);
    for (const y of reverseTopologicalOrder(loss)) {
      const gradient = gradients.get(y);
      gradients.delete(y);
      if (!gradient) continue;
      const { node } = y;
      if (node) {
        y.node = spent(node.op);
        scope(() => propagate(node, gradient, gradients));
        gradient.dispose();
      } else {
        y.grad = keep(y.grad ? accumulate(y.grad, gradient) : ownCopy(gradient));
      }
    }
  });
}

/** One op's share: its inputs' gradients, added to what other uses of them have left. @returns the tensors to keep */
function propagate(node: Node, dy: Tensor, gradients: Map<Tensor, Tensor>): Tensor[] {
  const made = node.backward(dy);
  const kept: Tensor[] = [];
  for (const [index, input] of node.inputs.entries()) {
    const entry = made[index];
    if (!input.requiresGrad || !entry) continue;
    const gradient = sumTo(typeof entry === "function" ? entry() : entry, input.shape);
    const sofar = gradients.get(input);
    // A gradient that is handed through (dy itself, or one tensor for two inputs) gets a handle of its own: the engine frees each by itself.
    const total = sofar ? accumulate(sofar, gradient) : gradient.view(gradient.shape);
    gradients.set(input, total);
    kept.push(total);
  }
  return kept;
}

function reverseTopologicalOrder(root: Tensor): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>([root]);
  const stack: { tensor: Tensor; next: number }[] = [{ tensor: root, next: 0 }];
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const { node } = top.tensor;
    const input = node?.inputs[top.next++];
    if (node && input) {
      if (input.requiresGrad && input.disposed)
        throw new TensorError(`backward: a ${formatShape(input.shape)} input of ${node.op} was freed before; ${KEEP_ALIVE}`);
      if (input.requiresGrad && !seen.has(input)) {
        seen.add(input);
        stack.push({ tensor: input, next: 0 });
      }
    } else {
      order.push(top.tensor);
      stack.pop();
    }
  }
  return order.reverse();
}

const spent = (op: string): Node => ({
  op,
  inputs: [],
  backward: () => {
    throw new TensorError(`backward: this ${op} was already walked back over; add the losses up and call backward once`);
  },
});
