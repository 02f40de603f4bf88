/**
 * A setup file for vitest: memory that isn't shared gets a new buffer at every allocation, as if it had grown, so that a view which was kept across one
 * is detached and shows. Engines have one thread then. `npm test -- --growing packages` runs the suite so.
 */
import { Core, WasmMemory } from "@x/core-wasm";

const allocate = WasmMemory.prototype.allocate;
WasmMemory.prototype.allocate = function (bytes) {
  const pointer = allocate.call(this, bytes);
  if (!this.shared) this.memory.grow(0);
  return pointer;
};

const create = Core.create.bind(Core);
Core.create = (options = {}) => create({ ...options, threads: 1 });
