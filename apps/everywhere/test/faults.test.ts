/**
 * Every model, with a fault at each of its operations in turn, until it gets through: the disk fails, memory runs out, the caller aborts. Nothing is left
 * behind then, the error is one of the library's (or the caller's own reason), and the same call works afterwards.
 */
import type { FileHandle } from "node:fs/promises";
import { cp, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { CLIP, ZeroShotClassifier } from "@x/clip";
import { AdamW, init, intTensor, liveBytes, LoRA, noGrad, OutOfMemoryError, scope, train, XError, zeros } from "@x/layers";
import { engine } from "@x/layers/model";
import { embedText, generate, Marian, SentenceEncoder } from "@x/models-nlp";
import { classify, ViT } from "@x/models-vision";
import { EmbeddingIndex } from "@x/search";
import { inFolder } from "@x/testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { families } from "../src/suite/families.ts";
import type { Subject } from "../src/suite/family.ts";
import { readGolden } from "../src/suite/golden.ts";

/** What happens at an operation on files. */
const disk = vi.hoisted(() => ({ operation: (): void => undefined }));

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const watched =
    <Given extends unknown[], Result>(operation: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      disk.operation();
      return operation(...given);
    };
  const open = watched(async (...given: Parameters<typeof real.open>): Promise<FileHandle> => {
    const handle = await real.open(...given);
    for (const name of ["read", "write", "sync", "stat"] as const) {
      const bound = handle[name].bind(handle) as (...values: unknown[]) => Promise<unknown>;
      Object.assign(handle, { [name]: watched(bound) });
    }
    return handle;
  });
  const plain = (["mkdir", "rename", "rm", "readdir", "readFile", "stat", "symlink"] as const).map((name) => {
    const operation = real[name] as (...values: unknown[]) => Promise<unknown>;
    return [name, watched(operation)] as const;
  });
  return { ...real, open, ...Object.fromEntries(plain) };
});

interface Fault {
  /** Makes the n-th operation fail, counted from 0. @returns whether it did, and how to undo it */
  arm(n: number): { readonly signal?: AbortSignal; disarm(): boolean };
}

/** Counts operations, and does something at the n-th. */
function counter(n: number, act: () => void): { count(): void; reached(): boolean } {
  let seen = 0;
  return {
    count: () => {
      if (seen++ === n) act();
    },
    reached: () => seen > n,
  };
}

const broken = Object.assign(new Error("EIO: i/o error"), { code: "EIO" });
const enough = new Error("the caller has had enough");

const faults = {
  "the disk fails": {
    arm(n) {
      const { count, reached } = counter(n, () => {
        throw broken;
      });
      disk.operation = count;
      return { disarm: () => ((disk.operation = () => undefined), reached()) };
    },
  },
  "the caller aborts": {
    arm(n) {
      const controller = new AbortController();
      const { signal } = controller;
      const { count, reached } = counter(n, () => controller.abort(enough));
      disk.operation = count;
      // Also wherever somebody looks whether it was aborted.
      signal.throwIfAborted = () => {
        count();
        AbortSignal.prototype.throwIfAborted.call(signal);
      };
      return { signal, disarm: () => ((disk.operation = () => undefined), reached()) };
    },
  },
  "memory runs out": {
    arm(n) {
      const { memory } = engine();
      const { count, reached } = counter(n, () => {
        throw new OutOfMemoryError(1, liveBytes(), memory.maximumBytes);
      });
      const allocate = memory.allocate.bind(memory);
      const watched = vi.spyOn(memory, "allocate").mockImplementation((bytes) => {
        count();
        return allocate(bytes);
      });
      return { disarm: () => (watched.mockRestore(), reached()) };
    },
  },
} satisfies Record<string, Fault>;

/** The first operations one by one, later ones by and by: what they do repeats itself. */
const following = (n: number): number => (n < 30 ? n + 1 : Math.ceil(1.15 * n));

/**
 * Fails at each operation until the work gets through.
 * @param afterwards is called after each failure
 * @returns how often it failed
 */
async function failAtEach(
  fault: Fault,
  work: (signal?: AbortSignal) => Promise<void>,
  afterwards: (got: "through" | "failed") => Promise<void> = async () => undefined,
): Promise<number> {
  let failures = 0;
  for (let n = 0; ; n = following(n)) {
    const before = liveBytes();
    const { signal, disarm } = fault.arm(n);
    const error: unknown = await work(signal).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const happened = disarm();
    expect({ n, left: liveBytes() - before }).toEqual({ n, left: 0 });
    if (!happened) {
      expect(error).toBeUndefined();
      return failures;
    }
    if (error !== undefined && error !== enough) expect(error, `operation ${n}`).toBeInstanceOf(XError);
    failures += error === undefined ? 0 : 1;
    await afterwards(error === undefined ? "through" : "failed");
  }
}

const packages = join(import.meta.dirname, "../../../packages");
beforeAll(() => init({ threads: 1 }));
let begun = 0;
beforeAll(() => void (begun = liveBytes()));
afterAll(() => expect(liveBytes()).toBe(begun));

const withGolden = families.filter(({ golden }) => golden !== undefined);

describe.each(withGolden)("$name", ({ golden = "", load }) => {
  const folder = join(packages, golden);
  const numbers = async () => readGolden(new Uint8Array(await readFile(join(folder, "golden.safetensors"))));

  test.each(Object.entries(faults))("loading: %s", async (_, fault) => {
    const notes: (readonly string[])[] = [];
    const loadIt = async (signal?: AbortSignal): Promise<void> => {
      const { model } = await load(folder, { signal });
      notes.push(model.notes);
      model.dispose();
    };
    await loadIt();
    expect(await failAtEach(fault, loadIt)).toBeGreaterThan(5);
    await loadIt();
    // What got through in spite of a fault is what comes without one.
    for (const one of notes) expect(one).toEqual(notes[0]);
  });

  test.each(Object.entries(faults))("saving: %s", async (_, fault) => {
    await inFolder(async (place) => {
      const old = join(place, "old");
      const there = join(place, "there");
      const { model } = await load(folder);
      await model.savePretrained(old);
      const weights = await readFile(join(old, "model.safetensors"));
      const save = (signal?: AbortSignal): Promise<void> =>
        model.savePretrained(there, { signal, maxShardBytes: Math.ceil(weights.length / 3) });
      const failures = await failAtEach(fault, save, async () => {
        const again = await load(there).catch((error: unknown) => error);
        if (again instanceof Error) expect((await readdir(there).catch(() => [])).filter((name) => !name.startsWith("."))).toEqual([]);
        else (again as Subject).model.dispose();
      });
      if (fault !== faults["memory runs out"]) expect(failures).toBeGreaterThan(5);
      await cp(old, there, { recursive: true });
      await save();
      (await load(there)).model.dispose();
      expect((await readdir(there)).filter((name) => /tmp|saving/.test(name))).toEqual([]);
      model.dispose();
    });
  });

  test("inference and training: memory runs out", async () => {
    const subject = await load(folder);
    const { model } = subject;
    const inputs = await numbers();
    const infer = (): number[] => noGrad(() => scope(() => Array.from(Object.values(subject.forward(inputs))[0]?.data ?? [])));
    const expected = infer();
    await failAtEach(faults["memory runs out"], async () => void infer());
    expect(infer()).toEqual(expected);
    const learn = async (): Promise<void> => {
      using optimizer = new AdamW(model.parameters(), { learningRate: 1e-6 });
      await train({ model, optimizer, steps: 2, loss: () => subject.forward(inputs).loss });
    };
    await learn();
    await failAtEach(faults["memory runs out"], learn);
    await learn();
    model.dispose();
  });
});

/** Models with what they are asked; whatever is made for them is freed with them. */
const tasks: Readonly<
  Record<string, (stack: DisposableStack) => Promise<(signal: AbortSignal | undefined, place: string) => Promise<unknown>>>
> = {
  classify: async (stack) => {
    const folder = join(packages, "models-vision/golden/classify");
    const model = stack.use(await ViT.fromPretrained(join(folder, "vit")));
    const pictures = (await readdir(folder)).filter((name) => /\.(png|jpe?g|gif|webp|bmp)$/.test(name)).map((name) => join(folder, name));
    expect(pictures.length).toBeGreaterThan(3);
    return (signal) => classify(model, pictures, { signal, batchSize: 2 });
  },
  embedText: async (stack) => {
    const model = stack.use(await SentenceEncoder.fromPretrained(join(packages, "models-nlp/golden/sentence_mpnet")));
    return (signal) => embedText(model, ["a", "a b", "", "b"], { signal, batchSize: 2 });
  },
  generate: async (stack) => {
    const model = stack.use(await Marian.fromPretrained(join(packages, "models-nlp/golden/marian")));
    const inputIds = stack.use(intTensor([[3, 4, 5, 0]]));
    return (signal) => generate(model, { inputIds }, { signal, maxLength: 6, numBeams: 2 });
  },
  "zero-shot": async (stack) => {
    const model = stack.use(await CLIP.fromPretrained(join(packages, "clip/golden/hugging_face")));
    const embeddings = stack.use(zeros([2, model.config.projectionDim]));
    const classifier = new ZeroShotClassifier(model, ["a", "b"], embeddings);
    const picture = { width: 20, height: 18, data: new Uint8Array(20 * 18 * 3) };
    return (signal) => classifier.classify([picture, picture], { signal, batchSize: 1 });
  },
  "an index of embeddings": async () => async (_, place) => {
    using index = new EmbeddingIndex<string>();
    index.add([new Float32Array([1, 0]), new Float32Array([0, 1])], { payloads: ["a", "b"] });
    await index.save(join(place, "index.safetensors"));
    using again = await EmbeddingIndex.load<string>(join(place, "index.safetensors"));
    expect(again.search([1, 0], { topK: 1 })[0]?.payload).toBe("a");
  },
  "an adapter": async (stack) => {
    const model = stack.use(await ViT.fromPretrained(join(packages, "models-vision/golden/vit")));
    return async (signal, place) => {
      {
        using adapter = LoRA.attach(model, { rank: 2, modulesToSave: ["classifier"] });
        await adapter.savePretrained(place, { signal });
        adapter.merge();
        adapter.unmerge();
      }
      using adapter = await LoRA.fromPretrained(model, place, { signal });
      expect(adapter.numParameters).toBeGreaterThan(0);
    };
  },
};

describe.each(Object.entries(tasks))("%s", (_, prepare) => {
  test.each(Object.entries(faults))("%s", async (__, fault) => {
    await inFolder(async (place) => {
      using stack = new DisposableStack();
      const run = await prepare(stack);
      await run(undefined, place);
      await failAtEach(fault, async (signal) => void (await run(signal, place)));
      await run(undefined, place);
    });
  });
});
