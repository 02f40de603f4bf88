import { init, type Module } from "@x/layers";
import { vi } from "vitest";

/** How many numbers a model's parameters have, without the memory for them: nothing may read or free them. */
export async function countParameters(make: () => Module): Promise<number> {
  const { memory } = await init();
  const allocate = vi.spyOn(memory, "allocate").mockReturnValue(64);
  try {
    return make().numParameters;
  } finally {
    allocate.mockRestore();
  }
}
