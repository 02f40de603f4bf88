/** Where onnxruntime-web's WebAssembly lies: loaded only when the benchmark is started. */
const address: string = new URL("../../node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm", import.meta.url).href;
export default address;
