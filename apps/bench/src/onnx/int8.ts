import type { Weight } from "../weights.ts";
import type { OnnxGraph, Value } from "./graph.ts";
import { ModelGraph } from "./layers.ts";

const FLOAT = 1; // TensorProto.DataType

/** Layers as onnxruntime.quantization.quantize_dynamic makes them: matrix products in int8, all else in float32. */
export class Int8Graph extends ModelGraph {
  readonly #quantized = new Map<Value, readonly Value[]>();

  protected override product(x: Value, name: string, weight: Weight): Value {
    const quantized = this.#quantized.get(x) ?? quantizedInput(this, x);
    this.#quantized.set(x, quantized);
    return int8Product(this, quantized, name, weight);
  }
}

/** x in uint8, its scale and its zero point. */
export const quantizedInput = (graph: OnnxGraph, x: Value): readonly Value[] => graph.ops("DynamicQuantizeLinear", [x], 3);

/** quantized x · weight (K, N) in int8, a scale for each column (`per_channel`). ONNX Runtime fuses it into MatMulIntegerToFloat or DynamicQuantizeMatMul. */
export function int8Product(graph: OnnxGraph, [x = "", xScale = "", xZero = ""]: readonly Value[], name: string, weight: Weight): Value {
  const [rows = 0, columns = 0] = weight.dims;
  const scales = new Float32Array(columns);
  for (const [i, value] of weight.data.entries()) scales[i % columns] = Math.max(scales[i % columns] ?? 0, Math.abs(value) / 127);
  const whole = Int8Array.from(weight.data, (value, i) => Math.round(value / (scales[i % columns] ?? 1)));
  const product = graph.op("MatMulInteger", [
    x,
    graph.weight(`${name}_quantized`, [rows, columns], whole),
    xZero,
    graph.weight(`${name}_zero_point`, [columns], new Int8Array(columns)),
  ]);
  const scale = graph.op("Mul", [xScale, graph.weight(`${name}_scale`, [columns], scales)]);
  return graph.op("Mul", [graph.op("Cast", [product], { to: FLOAT }), scale]);
}
