import type { Kernels } from "@x/core-wasm";
import { vi } from "vitest";
import { engine } from "../src/index.ts";

/** Watches the engine's kernels until it is disposed of. */
export function watchKernels(each?: () => void): { readonly launched: string[] } & Disposable {
  const { kernels } = engine();
  const launched: string[] = [];
  const spies = (Object.keys(kernels) as (keyof Kernels)[]).map((name) => {
    const kernel = kernels[name] as (call: never) => void;
    return vi.spyOn(kernels, name).mockImplementation((call) => {
      launched.push(name);
      kernel(call as never);
      each?.();
    });
  });
  return {
    launched,
    [Symbol.dispose]: () => {
      for (const spy of spies) spy.mockRestore();
    },
  };
}
