import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { OnnxGraph } from "../src/onnx/graph.ts";
import { floatField, integerField, message, messageField, stringField, toBytes } from "../src/onnx/protobuf.ts";

test("fields are written as protocol buffers want them", () => {
  // The examples of https://protobuf.dev/programming-guides/encoding/
  expect([...toBytes(integerField(1, 150))]).toEqual([0x08, 0x96, 0x01]);
  expect([...toBytes(stringField(2, "testing"))]).toEqual([0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
  expect([...toBytes(messageField(3, message(integerField(1, 150))))]).toEqual([0x1a, 0x03, 0x08, 0x96, 0x01]);
  expect([...toBytes(integerField(1, -2))]).toEqual([0x08, 0xfe, ...new Array<number>(8).fill(0xff), 0x01]);
  expect([...toBytes(floatField(2, 1))]).toEqual([0x15, 0, 0, 0x80, 0x3f]);
});

test("ONNX Runtime loads a model and computes what it says", async () => {
  const graph = new OnnxGraph();
  const x = graph.input("x", [2, 3]);
  const product = graph.op("MatMul", [x, graph.weight("w", [3, 2], Float32Array.of(1, 2, 3, 4, 5, 6))]);
  const halves = graph.ops("Split", [graph.op("Mul", [product, graph.scalar(0.5)])], 2, { axis: -1, num_outputs: 2 });
  graph.output(graph.op("Reshape", [graph.op("Concat", [...halves].reverse(), { axis: -1 }), graph.ints([4])]), "y", [4]);

  const session = await InferenceSession.create(graph.toBytes(), { logSeverityLevel: 3 });
  expect(session.inputNames).toEqual(["x"]);
  const { y } = await session.run({ x: new Tensor("float32", Float32Array.of(1, 0, 0, 0, 1, 1), [2, 3]) });
  expect(y?.dims).toEqual([4]);
  expect(y?.data).toEqual(Float32Array.of(1, 0.5, 5, 4));
  await session.release();
});
