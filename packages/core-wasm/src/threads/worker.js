// One thread of the pool. Plain JavaScript without imports, so that the same file serves as a module worker in browsers and bundlers, as a
// worker_threads module in Node, Deno and Bun, and as text where neither can be served.

/** @param {import("./control.ts").ThreadStart} start */
async function run({ module, memory, kernels, layout, slot }, reply) {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const functions = kernels.map((name) => exports[name]);
  const control = new Int32Array(memory.buffer, 0, 1024);
  const values = new Float64Array(memory.buffer, 0, 512);
  const pause = Atomics.pause ?? (() => {});
  let seen = 0;
  reply("ready");

  for (;;) {
    for (let spin = 0; spin < layout.spins && Atomics.load(control, layout.generation) === seen; spin++) pause();
    while (Atomics.load(control, layout.generation) === seen) {
      Atomics.add(control, layout.sleepers, 1);
      Atomics.wait(control, layout.generation, seen);
      Atomics.sub(control, layout.sleepers, 1);
    }
    seen = Atomics.load(control, layout.generation);
    if (Atomics.load(control, layout.quit)) return;
    // Entering a job that has closed meanwhile is undone at once; one that is open can't close before everybody has left.
    if (Atomics.add(control, layout.entrants, 1) >= 0) {
      try {
        work();
      } catch {
        Atomics.store(control, layout.failed, 1);
      }
    }
    Atomics.sub(control, layout.entrants, 1);
  }

  function work() {
    const kernel = functions[control[layout.kernel]];
    const units = control[layout.units];
    const grain = control[layout.grain];
    const count = control[layout.numArguments];
    const call = Array.from(values.subarray(layout.firstArgument, layout.firstArgument + count));
    const scratch = control[layout.scratch] >>> 0;
    if (scratch) call.push(scratch + (control[layout.scratchStride] >>> 0) * slot);
    const begin = call.push(0) - 1;
    const end = call.push(0) - 1;
    for (;;) {
      const first = Atomics.add(control, layout.nextUnit, grain);
      if (first >= units) return;
      call[begin] = first;
      call[end] = Math.min(units, first + grain);
      kernel.apply(undefined, call);
    }
  }
}

const port = globalThis.process?.getBuiltinModule?.("node:worker_threads")?.parentPort;
if (port) port.once("message", (start) => run(start, (text) => port.postMessage(text)));
else globalThis.addEventListener("message", (event) => run(event.data, (text) => globalThis.postMessage(text)), { once: true });
