import { isBrowser } from "../runtimes/names.ts";
import type { Peer } from "./peer.ts";

/** transformers.js, which runs ONNX Runtime's native library in Node, with the same graph from a folder as its hub has them. */
export const transformersJs: Peer = {
  name: "transformers.js",
  prepare: async ({ onnx, transformersJs: task }, { threads, runtime }) => {
    if (isBrowser(runtime)) throw new Error("in browsers it runs onnxruntime-web, which takes part itself");
    if (!onnx || !task) throw new Error("this case isn't written for it");
    const [{ mkdir, mkdtemp, rm, writeFile }, { tmpdir }, { join }] = await Promise.all([
      import("node:fs/promises"),
      import("node:os"),
      import("node:path"),
    ]);
    const { env, Tensor, ...models } = await import("@huggingface/transformers");
    const folder = await mkdtemp(join(tmpdir(), "bench-"));
    await mkdir(join(folder, "onnx"));
    await writeFile(join(folder, "onnx/graph.onnx"), onnx.model());
    await writeFile(join(folder, "config.json"), JSON.stringify(task.config));
    Object.assign(env, { allowRemoteModels: false });
    const model = await models[task.model ?? "AutoModel"]
      .from_pretrained(folder, {
        model_file_name: "graph",
        dtype: "fp32",
        device: "cpu",
        local_files_only: true,
        session_options: { intraOpNumThreads: threads, interOpNumThreads: 1, executionMode: "sequential", graphOptimizationLevel: "all" },
      })
      .finally(() => rm(folder, { recursive: true }));
    const inputs = Object.fromEntries(
      Object.entries(onnx.inputs).map(([name, { dims, data }]) => [
        name,
        new Tensor(data instanceof Float32Array ? "float32" : "int64", data, [...dims]),
      ]),
    );
    return {
      name: "transformers.js",
      run: async () => {
        const [result] = Object.values((await model(inputs)) as Record<string, { data: unknown }>);
        if (!(result?.data instanceof Float32Array)) throw new Error("transformers.js gave no float32 output");
        return result.data;
      },
      dispose: async () => {
        await model.dispose();
      },
    };
  },
};
