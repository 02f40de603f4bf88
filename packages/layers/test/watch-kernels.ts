import { vi } from "vitest";
import { engine } from "../src/model.ts";

/** Watches the engine's kernels until it is disposed of. @param each called after every launch */
export function watchKernels(each: () => void = () => {}): { readonly launched: string[] } & Disposable {
  const kernels: Record<string, (call: object) => void> = { ...engine().kernels } as never;
  const launched: string[] = [];
  const spies = Object.entries(kernels).map(([name, launch]) =>
    vi.spyOn(engine().kernels as never as typeof kernels, name).mockImplementation((call) => {
      launched.push(name);
      launch(call);
      each();
    }),
  );
  return {
    launched,
    [Symbol.dispose]: () => {
      for (const spy of spies) spy.mockRestore();
    },
  };
}
