// The least that a page needs to run a model with onnxruntime-web: its WebAssembly files come besides.
import { InferenceSession, Tensor } from "onnxruntime-web/wasm";

const session = await InferenceSession.create("model.onnx");
const { logits } = await session.run({ images: new Tensor("float32", new Float32Array(1), [1]) });
document.body.textContent = JSON.stringify(logits?.dims);
