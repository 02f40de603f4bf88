import { ArgumentError, ShapeError, shown, TensorError } from "../errors.ts";
import { type DType, Tensor } from "./tensor.ts";

/** An operand where a number may stand for a tensor that holds it everywhere. */
export type TensorOrNumber = Tensor | number;

type Operands = Readonly<Record<string, unknown>>;

/**
 * Checks that what came for an op's operands, by name, are float32 tensors. The types say so, too, but only to those who use them.
 * @param optional operands that may be missing
 * @throws ArgumentError naming the op, the operand, and what came instead
 */
export function checkFloats(op: string, operands: Operands, optional: Operands = {}): void {
  checkDType(op, operands, optional, "float32");
}

/** The same for whole numbers: ids, labels, indices. */
export const checkInts = (op: string, operands: Operands, optional: Operands = {}): void => checkDType(op, operands, optional, "int32");

/** The same for an op that takes either kind, because it only moves numbers. */
export const checkTensors = (op: string, operands: Operands): void => checkDType(op, operands, {}, undefined);

/** The same for operands that may be numbers. */
export function checkTensorsOrNumbers(op: string, operands: Operands): void {
  for (const name in operands) {
    if (typeof operands[name] !== "number") checkOperand(op, name, operands[name], "float32", "or a number");
  }
}

/**
 * Checks that what came for a model's images are some: (B, C, H, W).
 * @throws ArgumentError when it is no float32 tensor, ShapeError when it has another rank or other channels
 */
export function checkImages(model: string, images: Tensor, numChannels: number): void {
  checkFloats(model, { images });
  if (images.shape.length === 4 && images.shape[1] === numChannels) return;
  throw new ShapeError(model, `images must be (B, C, H, W) with the model's ${numChannels} channels (numChannels)`, {
    images: images.shape,
  });
}

/** @throws TensorError when an id has no row */
export function checkIds(op: string, ids: Tensor<"int32">, rows: number): void {
  const outside = ids.data.findIndex((id) => id < 0 || id >= rows);
  if (outside >= 0) throw new TensorError(`${op}: ids go from 0 to ${rows - 1}, but id ${outside} is ${ids.data[outside]}`);
}

function checkDType(op: string, operands: Operands, optional: Operands, dtype: DType | undefined): void {
  for (const name in operands) checkOperand(op, name, operands[name], dtype);
  for (const name in optional) if (optional[name] !== undefined) checkOperand(op, name, optional[name], dtype);
}

function checkOperand(op: string, name: string, found: unknown, dtype: DType | undefined, otherwise = ""): void {
  if (found instanceof Tensor && (dtype === undefined || found.dtype === dtype)) return;
  const kind = dtype === undefined ? "a tensor" : `${dtype === "int32" ? "an" : "a"} ${dtype} tensor`;
  const came = found instanceof Tensor ? found.dtype : shown(found);
  throw new ArgumentError(op, [name, "must be", kind, otherwise].join(" ").trimEnd(), `is ${came}`);
}
