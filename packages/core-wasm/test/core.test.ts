/** Starting a core: options, builds, where the WebAssembly comes from, and manners as a guest of the process. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Core, CoreError, type CoreOptions, detectSimd } from "../src/index.ts";

const built = (simd: string): string => fileURLToPath(new URL(`../build/${simd}.wasm`, import.meta.url));
const bytesOf = async (simd: string): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await readFile(built(simd)));

/** Whether a core computes: 100 000 elements, so that a pool has work. */
function expectWorking(core: Core): void {
  using from = core.allocate(400_000);
  using to = core.allocate(400_000);
  from.view("float32", 0, 100_000).forEach((_, i, all) => (all[i] = i));
  core.kernels.scaleAndShift({ x: from.as("float32"), y: to.as("float32"), scale: 2, shift: 1, size: 100_000 });
  expect(to.read("float32", 0, 100_000).every((value, i) => value === 2 * i + 1)).toBe(true);
}

describe("Core.create", () => {
  test("takes the fastest build by itself, and as many threads as it is told", async () => {
    using core = await Core.create({ threads: 2 });
    expect(core.simd).toBe(detectSimd());
    expect(core.threads).toBe(2);
    expect(core.memory.shared).toBe(true);
    expectWorking(core);
    using alone = await Core.create({ threads: 1 });
    expect([alone.threads, alone.memory.shared]).toEqual([1, false]);
    expectWorking(alone);
  });

  test.for([0, -1, 1.5, Number.NaN, Infinity, 257])("refuses %d threads", async (threads) => {
    await expect(Core.create({ threads })).rejects.toThrow(
      new CoreError(`threads must be a whole number from 1 to 256, but is ${threads}`),
    );
  });

  test("refuses a module that isn't its own, as bytes or compiled", async () => {
    const empty = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
    await expect(Core.create({ wasm: empty, threads: 1 })).rejects.toThrow(
      'the WebAssembly module does not import the shared memory "env.memory", so it is not one of ours',
    );
    await expect(Core.create({ wasm: new Uint8Array([1, 2, 3]), threads: 2 })).rejects.toThrow(WebAssembly.CompileError);
  });

  test("a module of another version is named when a kernel is missing", async () => {
    const empty = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
    using core = await Core.create({ wasm: await WebAssembly.compile(empty), threads: 1, tile: "4x8" });
    expect(() => core.kernels.full({ y: core.allocate(4).as("float32"), value: 0, size: 1 })).toThrow(
      new CoreError("the WebAssembly module has no kernel full: it is of another version"),
    );
  });
});

describe("SIMD detection", () => {
  afterEach(() => vi.restoreAllMocks());

  test("where the relaxed build doesn't compile after all: the plain build, unless the relaxed one was asked for", async () => {
    const { compile } = WebAssembly;
    const refused = new WebAssembly.CompileError("invalid opcode");
    vi.spyOn(WebAssembly, "validate").mockReturnValue(true);
    const spy = vi.spyOn(WebAssembly, "compile").mockRejectedValueOnce(refused).mockImplementation(compile);
    using core = await Core.create({ threads: 1 });
    expect(core.simd).toBe("plain");
    expectWorking(core);
    spy.mockRejectedValueOnce(refused);
    await expect(Core.create({ threads: 1, simd: "relaxed" })).rejects.toBe(refused);
  });

  test.for([
    ["f32x4.relaxed_madd", 133],
    ["f32x4.relaxed_nmadd", 134],
    ["i16x8.relaxed_dot_i8x16_i7x16_s", 146],
    ["i32x4.relaxed_laneselect", 139],
  ] as const)("without %s: the plain build", async ([, code]) => {
    const { validate } = WebAssembly;
    expect(detectSimd()).toBe("relaxed");
    vi.spyOn(WebAssembly, "validate").mockImplementation(
      (bytes) => !new Uint8Array(bytes as ArrayBuffer).join().includes([253, code, 2].join()) && validate(bytes),
    );
    expect(detectSimd()).toBe("plain");
    using core = await Core.create({ threads: 1 });
    expect(core.simd).toBe("plain");
    expectWorking(core);
  });

  test("with it: the relaxed build", () => {
    vi.spyOn(WebAssembly, "validate").mockReturnValue(true);
    expect(detectSimd()).toBe("relaxed");
  });

  test("without any: an error that says so", async () => {
    vi.spyOn(WebAssembly, "validate").mockReturnValue(false);
    expect(detectSimd()).toBeUndefined();
    await expect(Core.create({ threads: 1 })).rejects.toThrow(
      new CoreError("this runtime's WebAssembly has no 128-bit SIMD, which the kernels need"),
    );
  });
});

describe("WebAssembly handed in", () => {
  const options: readonly (readonly [string, CoreOptions])[] = [1, 2].flatMap((threads) =>
    (["plain", "relaxed"] as const).map((simd) => [`${simd}, ${threads} threads`, { threads, simd }] as const),
  );

  test.for(options)("as bytes: %s", async ([, { simd = "plain", threads = 1 }]) => {
    using core = await Core.create({ threads, simd, wasm: await bytesOf(simd) });
    expect(core.threads).toBe(threads);
    expectWorking(core);
  });

  test.for(options)("compiled: %s", async ([, { simd = "plain", threads = 1 }]) => {
    using core = await Core.create({ threads, simd, wasm: await WebAssembly.compile(await bytesOf(simd)) });
    expect(core.threads).toBe(threads);
    expectWorking(core);
  });

  test("compiled for memory that isn't shared: one thread, whatever is asked for", async () => {
    const bytes = await bytesOf("plain");
    const flag = bytes.findIndex((_, i) => bytes.subarray(i, i + 8).join() === [..."memory"].map((c) => c.charCodeAt(0)).join() + ",2,3");
    bytes[flag + 7] = 1;
    using core = await Core.create({ threads: 3, simd: "plain", wasm: await WebAssembly.compile(bytes) });
    expect([core.threads, core.memory.shared]).toEqual([1, false]);
    expectWorking(core);
  });

  test("is what travels inside the package", async () => {
    using own = await Core.create({ threads: 1, simd: "plain" });
    using given = await Core.create({ threads: 1, simd: "plain", wasm: await bytesOf("plain") });
    const draw = (core: Core): Int32Array => {
      const y = core.allocate(400).as("float32");
      core.kernels.normal({ y, mean: 0, deviation: 1, seed: 1, stream: 3, size: 100 });
      return y.block.read("int32", 0, 100);
    };
    expect(draw(own)).toEqual(draw(given));
  });
});

describe("launch", () => {
  test("of no units does nothing", async () => {
    using core = await Core.create({ threads: 2 });
    const y = core.allocate(64).as("float32");
    y.block.view("float32", 0, 16).fill(5);
    core.kernels.full({ y, value: 0, size: 0 });
    core.kernels.full({ y, value: 0, size: -1 });
    expect([...y.block.read("float32", 0, 16)]).toEqual(new Array(16).fill(5));
  });

  test.for([1, 3])("a kernel that traps throws, and the next launch works: %i threads", async (threads) => {
    using core = await Core.create({ threads, maximumBytes: 2 ** 22 });
    const y = core.allocate(4).as("float32");
    for (let i = 0; i < 20; i++) {
      expect(() => core.kernels.full({ y: { ...y, byteOffset: 2 ** 31 }, value: 1, size: 100_000 })).toThrow();
      expectWorking(core);
    }
  });
});

describe("manners", () => {
  const run = promisify(execFile);
  const folder = fileURLToPath(new URL("..", import.meta.url));
  const child = async (program: string): Promise<string> => {
    const flags = ["--conditions=@x/source", "--disable-warning=ExperimentalWarning", "--input-type=module", "-e"];
    const { stdout } = await run(process.execPath, [...flags, program], { cwd: folder, timeout: 50_000 });
    return stdout.trim();
  };
  const work = `
    const { Core } = await import("./src/index.ts");
    const core = await Core.create({ threads: 3 });
    const y = core.allocate(400000).as("float32");
    core.kernels.full({ y, value: 3, size: 100000 });
    const sum = y.block.read("float32", 0, 100000).reduce((a, b) => a + b, 0);
  `;

  test("a process with a pool ends by itself, without being told to", async () => {
    expect(await child(`${work}; console.log(core.threads, sum);`)).toBe("3 300000");
  });

  test("and while the pool is busy or asleep, and after it was disposed of", async () => {
    expect(await child(`${work}; await new Promise((end) => setTimeout(end, 200)); console.log(sum);`)).toBe("300000");
    expect(await child(`${work}; core[Symbol.dispose](); console.log(sum);`)).toBe("300000");
  });

  test("no new globals", async () => {
    const program = `const before = new Set(Reflect.ownKeys(globalThis)); ${work};
      const added = Reflect.ownKeys(globalThis).filter((key) => !before.has(key) && !String(key).startsWith("Symbol(undici."));
      console.log(added.length, sum);`; // Node's own Response leaves two symbols
    expect(await child(program)).toBe("0 300000");
  });
});
