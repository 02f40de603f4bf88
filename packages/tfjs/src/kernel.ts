import { TensorError } from "@x/layers";
import type { KernelBackend, KernelFunc, NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core";

type Infos<Names extends readonly string[]> = { readonly [Index in keyof Names]: TensorInfo };

/** A kernel as TensorFlow.js calls it, from a function of its inputs in the order of `names`. @throws TensorError when one is missing */
export function inputs<const Names extends readonly string[]>(
  names: Names,
  kernel: (backend: KernelBackend, inputs: Infos<Names>, attributes: NamedAttrMap) => TensorInfo,
): KernelFunc {
  return ({ inputs: given, backend, attrs = {} }) => {
    const infos = names.map((name) => {
      const info = given[name];
      if (!info) throw new TensorError(`the kernel's input ${name} is missing`);
      return info;
    });
    return kernel(backend as KernelBackend, infos as Infos<Names>, attrs);
  };
}
