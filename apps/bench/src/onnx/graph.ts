/**
 * Writes ONNX models. Field numbers are those of onnx.proto3 (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3); every value in a graph
 * has a name, and a node's outputs are named after the node.
 */
import { bytesField, floatField, integerField, message, messageField, type Rope, stringField, toBytes } from "./protobuf.ts";

export type Dims = readonly number[];
/** A value's name in the graph. */
export type Value = string;
/** Whole numbers become ints, other numbers floats: write a float attribute of a whole value as `{ float: 1 }`. */
export type Attribute = number | string | readonly number[] | { readonly float: number };

const FLOAT = 1; // TensorProto.DataType
const INT8 = 3;
const INT64 = 7;
const IR_VERSION = 10;
/** LayerNormalization came with 17, Gelu with 20. Attention (23) isn't what today's exporters write. */
const OPSET = 20;

/** A graph under construction. */
export class OnnxGraph {
  readonly #nodes: Rope[] = [];
  readonly #initializers: Rope[] = [];
  readonly #inputs: Rope[] = [];
  readonly #outputs: Rope[] = [];
  readonly #constants = new Map<string, Value>();
  #count = 0;

  input(name: string, dims: Dims, type: "float32" | "int64" = "float32"): Value {
    this.#inputs.push(valueInfo(name, dims, type === "int64" ? INT64 : FLOAT));
    return name;
  }

  output(value: Value, name: string, dims: Dims): void {
    this.#addNode("Identity", [value], [name], {}, "");
    this.#outputs.push(valueInfo(name, dims, FLOAT));
  }

  /** A float32 or int8 constant, as weights are. */
  weight(name: string, dims: Dims, data: Float32Array | Int8Array): Value {
    const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#initializers.push(tensor(name, data instanceof Int8Array ? INT8 : FLOAT, dims, raw));
    return name;
  }

  /** A float32 scalar. */
  scalar(value: number): Value {
    return this.#constant(`scalar_${value}`, (name) => this.weight(name, [], Float32Array.of(value)));
  }

  /** A one-dimensional int64 constant, as shapes are. */
  ints(values: readonly number[]): Value {
    return this.#int64(`ints_${values.join("_")}`, [values.length], values);
  }

  /** An int64 scalar. */
  index(value: number): Value {
    return this.#int64(`index_${value}`, [], [value]);
  }

  /** Adds an operator with one output and returns that. @param domain of operators that aren't ONNX's own */
  op(type: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>> = {}, domain = ""): Value {
    const [output = ""] = this.ops(type, inputs, 1, attributes, domain);
    return output;
  }

  /** Adds an operator with several outputs. */
  ops(type: string, inputs: readonly Value[], count: number, attributes: Readonly<Record<string, Attribute>> = {}, domain = ""): Value[] {
    const name = `${type}_${this.#count++}`;
    const outputs = Array.from({ length: count }, (_, index) => (count === 1 ? name : `${name}_${index}`));
    this.#addNode(type, inputs, outputs, attributes, domain);
    return outputs;
  }

  /** The model as a file holds it. */
  toBytes(): Uint8Array<ArrayBuffer> {
    const graph = message(
      ...this.#nodes.map((node) => messageField(1, node)),
      stringField(2, "graph"),
      ...this.#initializers.map((initializer) => messageField(5, initializer)),
      ...this.#inputs.map((input) => messageField(11, input)),
      ...this.#outputs.map((output) => messageField(12, output)),
    );
    const opsets = [operatorSet("", OPSET), operatorSet("com.microsoft", 1)];
    const model = [
      integerField(1, IR_VERSION),
      stringField(2, "@x/bench"),
      messageField(7, graph),
      ...opsets.map((set) => messageField(8, set)),
    ];
    return toBytes(message(...model));
  }

  #int64(name: string, dims: Dims, values: readonly number[]): Value {
    return this.#constant(name, () => {
      this.#initializers.push(tensor(name, INT64, dims, new Uint8Array(BigInt64Array.from(values, BigInt).buffer)));
      return name;
    });
  }

  #constant(name: string, make: (name: string) => Value): Value {
    const value = this.#constants.get(name) ?? make(name);
    this.#constants.set(name, value);
    return value;
  }

  #addNode(
    type: string,
    inputs: readonly Value[],
    outputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>>,
    domain: string,
  ): void {
    const fields = [
      ...inputs.map((input) => stringField(1, input)),
      ...outputs.map((output) => stringField(2, output)),
      stringField(3, outputs[0] ?? type),
      stringField(4, type),
      ...Object.entries(attributes).map(([name, value]) => messageField(5, attribute(name, value))),
      stringField(7, domain),
    ];
    this.#nodes.push(message(...fields));
  }
}

function attribute(name: string, value: Attribute): Rope {
  const kind = (type: number): Rope => integerField(20, type);
  if (typeof value === "string") return message(stringField(1, name), stringField(4, value), kind(3));
  if (typeof value === "object" && "float" in value) return message(stringField(1, name), floatField(2, value.float), kind(1));
  if (typeof value === "object") return message(stringField(1, name), ...value.map((item) => integerField(8, item)), kind(7));
  return Number.isInteger(value)
    ? message(stringField(1, name), integerField(3, value), kind(2))
    : message(stringField(1, name), floatField(2, value), kind(1));
}

const operatorSet = (domain: string, version: number): Rope => message(stringField(1, domain), integerField(2, version));

const tensor = (name: string, type: number, dims: Dims, raw: Uint8Array): Rope =>
  message(...dims.map((dim) => integerField(1, dim)), integerField(2, type), stringField(8, name), bytesField(9, raw));

function valueInfo(name: string, dims: Dims, elementType: number): Rope {
  const shape = message(...dims.map((dim) => messageField(1, message(integerField(1, dim)))));
  const type = message(messageField(1, message(integerField(1, elementType), messageField(2, shape))));
  return message(stringField(1, name), messageField(2, type));
}
