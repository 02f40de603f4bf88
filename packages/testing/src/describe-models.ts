/** What every model promises, checked in one place: a package's models.test.ts feeds it a row per golden model. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import {
  init,
  liveBytes,
  LoRA,
  type LoRAOptions,
  type Module,
  noGrad,
  type PretrainedOptions,
  scope,
  type Shape,
  type Tensor,
  Trace,
  type WeightLayout,
} from "@x/layers";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { expectLossesAgree, expectTrainingAgrees } from "./agree.ts";
import { expectClose } from "./close.ts";
import { countParameters } from "./count-parameters.ts";
import { inFolder, keysOf } from "./folder.ts";
import type { Golden, Goldens } from "./golden.ts";
import { expectGradientsAreSlopes } from "./gradients.ts";
import { expectInt8Agrees } from "./int8.ts";
import { expectNothingLeft } from "./leaks.ts";
import { expectAdapterLearns, expectAdapterMerges } from "./lora.ts";

/** A model as the hub has it. */
export interface PretrainedModel extends Module {
  readonly config: object;
  readonly layouts?: readonly WeightLayout[];
  savePretrained(folder: string): Promise<void>;
}

/** One golden model, and what is its own. */
export interface ModelRow<M extends PretrainedModel> {
  /** The golden folder. */
  readonly name: string;
  readonly kind: { fromPretrained(folder: string, options?: PretrainedOptions): Promise<M> };
  /** The golden file's names for the weights. */
  readonly layout: WeightLayout;
  /** What the model makes of the golden inputs, by the golden file's names. */
  outputs(model: M, golden: Golden, trace?: Trace): Readonly<Record<string, Tensor>>;
  /** The golden file's `loss`. */
  loss(model: M, golden: Golden): Tensor;
  /** A trace's shapes, where there is one. Those values that the golden file has are compared as well. */
  readonly trace?: {
    readonly hiddenStates: readonly Shape[];
    readonly attentions: readonly Shape[];
    /** Which of the attentions the golden file has. Default the first ones. */
    readonly goldenAttentions?: readonly number[];
  };
  /** How far slopes may be from gradients, relative. Default 1 %, which a deep network of relus with many kinks can't keep. */
  readonly slopeTolerance?: number;
  /** Default: every linear layer. */
  readonly lora?: LoRAOptions;
  /** For models that are read from one library's names and written under another's. Default false. */
  readonly changesNames?: boolean;
}

/** Runs every row through every check. Await it: which checks there are depends on what the golden files have. */
export async function describeModels({ goldenFolder, readGolden }: Goldens, rows: readonly ModelRow<PretrainedModel>[]): Promise<void> {
  const goldens = new Map(await Promise.all(rows.map(async ({ name }) => [name, await readGolden(name)] as const)));
  let bytes = 0;
  beforeAll(() => init());
  beforeEach(() => void (bytes = liveBytes()));
  afterEach(() => expect(liveBytes() - bytes, "bytes left behind").toBe(0));

  describe.each(rows.map((row) => [row.name, row] as const))("%s", (name, row) => {
    const folder = goldenFolder(name);
    const golden = goldens.get(name) as Golden;
    const load = (options?: PretrainedOptions): Promise<PretrainedModel> => row.kind.fromPretrained(folder, options);
    const run = (model: PretrainedModel): ReadonlyMap<string, Float32Array> =>
      scope(() => noGrad(() => new Map(Object.entries(row.outputs(model, golden)).map(([key, output]) => [key, output.toTypedArray()]))));

    test("outputs, loss and every gradient are PyTorch's", async () => {
      using model = await load();
      for (const [key, values] of run(model)) expectClose(values, golden.values(key), `${key} without a tape`);
      scope(() => {
        for (const [key, { data, shape }] of Object.entries(row.outputs(model, golden))) {
          expect(shape).toEqual(golden.shape(key));
          expectClose(data, golden.values(key), key);
        }
      });
      if (!drops(model.config)) model.train(); // as it is trained, where that draws nothing
      expectTrainingAgrees(golden, model, row.layout, () => row.loss(model, golden));
    });

    if (golden.has("losses")) {
      test("ten steps of AdamW lose as PyTorch's", async () => {
        using model = await load();
        expectLossesAgree(golden, model.parameters(), () => row.loss(model, golden));
      });
    }

    test("gradients are the loss's slopes", async () => {
      using model = await load();
      if (!drops(model.config)) model.train();
      expectGradientsAreSlopes(model, () => row.loss(model, golden), row.slopeTolerance);
    });

    test("saved and loaded back, it is the same model: names, config, weights and outputs", () =>
      inFolder(async (saved) => {
        using model = await load();
        await model.savePretrained(saved);
        using again = await row.kind.fromPretrained(saved);
        expect(again.config).toEqual(model.config);
        expect(run(again)).toEqual(run(model));
        expect(weightsOf(again)).toEqual(weightsOf(model));
        if (row.changesNames) return;
        expect(await keysOf(saved)).toEqual(await keysOf(folder));
        if (!existsSync(`${folder}/config.json`)) return;
        const [written, original] = await Promise.all([saved, folder].map(readConfig));
        for (const [key, value] of Object.entries(written ?? {})) expect([key, value]).toEqual([key, original?.[key] ?? value]);
      }));

    test("evaluates until told to train, in every part, and draws in training only, where it drops something", async () => {
      using model = await load();
      expect(modesOf(model)).toEqual(new Set([false]));
      expect(run(model)).toEqual(run(model));
      expect(modesOf(model.train())).toEqual(new Set([true]));
      const drawn = new Set(Array.from({ length: 12 }, () => JSON.stringify([...run(model)].map(([key, values]) => [key, [...values]]))));
      expect(drawn.size > 1, "draws").toBe(drops(model.config));
      expect(modesOf(model.eval())).toEqual(new Set([false]));
      expect(run(model)).toEqual(run(model));
    });

    test("a trace changes nothing, and has what was asked for", async () => {
      using model = await load();
      noGrad(() => {
        const trace = new Trace();
        const traced = Object.entries(row.outputs(model, golden, trace)).map(([key, output]) => [key, output.toTypedArray()] as const);
        const plain = run(model);
        for (const [key, values] of traced) expectClose(values, plain.get(key) ?? [], key);
        if (!row.trace) return;
        expect(trace.hiddenStates.map(({ shape }) => shape)).toEqual(row.trace.hiddenStates);
        expect(trace.attentions.map(({ shape }) => shape)).toEqual(row.trace.attentions);
        for (const i of golden.namesAfter("hidden."))
          expectClose(trace.hiddenStates[Number(i)]?.data ?? [], golden.values(`hidden.${i}`), `hidden state ${i}`);
        for (const i of golden.namesAfter("attention.")) {
          const ours = row.trace.goldenAttentions?.[Number(i)] ?? Number(i);
          expectClose(trace.attentions[ours]?.data ?? [], golden.values(`attention.${i}`), `attention ${ours}`);
        }
      });
    });

    test("in int8, outputs point where PyTorch's do", () => expectInt8Agrees(load, run, golden));

    test("an adapter changes nothing at first, learns, and leaves the model as it was; merged, it does the same", async () => {
      using model = await load();
      const attach = (): LoRA => LoRA.attach(model, row.lora);
      expectAdapterLearns(model, attach, () => row.loss(model, golden));
      expectAdapterMerges(attach, () => row.loss(model, golden));
    });

    test("training and inference leave no byte behind", async () => {
      using model = await load();
      expectNothingLeft(model.train(), () => row.loss(model, golden));
    });
  });
}

/** Every published size has the published number of parameters. */
export function describeSizes(sizes: readonly (readonly [name: string, make: () => Module, count: number])[]): void {
  test.each(sizes)("%s has the published number of parameters", async (_, make, count) => {
    expect(await countParameters(make)).toBe(count);
  });
}

const weightsOf = (model: Module): ReadonlyMap<string, Float32Array> =>
  new Map([...model.stateDict()].map(([path, weight]) => [path, weight.toTypedArray()]));

const modesOf = (module: Module): ReadonlySet<boolean> =>
  new Set([module.training, ...[...module.namedChildren()].flatMap(([, child]) => [...modesOf(child)])]);

/** Whether a config has a dropout that isn't 0. */
const drops = (config: object): boolean =>
  Object.entries(config).some(
    ([key, value]) => (/drop/i.test(key) && Number(value) > 0) || (typeof value === "object" && value !== null && drops(value)),
  );

/** A config.json but for the configs of its parts, which may leave out more than they say. */
const readConfig = async (folder: string): Promise<Readonly<Record<string, unknown>>> => {
  const config: Record<string, unknown> = JSON.parse(await readFile(`${folder}/config.json`, "utf8"));
  return Object.fromEntries(Object.entries(config).filter(([key]) => !key.endsWith("_config")));
};
