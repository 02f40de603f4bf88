/** A model that the visitor brings: files that were dropped, or a repository on the hub. Which task it can do, its files say. */
import { type ImageTextPipelines, imageTextFamilies, pipeline as imageTextPipeline } from "@x/clip/auto";
import { type AutoFamilies, findClass, openSource } from "@x/layers/model";
import { pipeline as textPipeline, textFamilies } from "@x/models-nlp/auto";
import { imageFamilies, pipeline as imagePipeline } from "@x/models-vision/auto";
import type { Bar } from "../parts/bars.ts";
import type { Tools } from "../room.ts";

/** What the visitor gives the model. */
export interface Given {
  readonly text: string;
  /** Labels, a passage, or sentences to compare with. */
  readonly second: string;
  readonly image?: Blob | undefined;
}

export interface Shown {
  readonly text?: string | undefined;
  readonly bars?: readonly Bar[] | undefined;
}

/** What was found in a checkpoint. */
export interface Loaded {
  readonly family: string;
  readonly task: string;
  /** What the model is to be given, and how that is called. */
  readonly wants: { readonly text?: string; readonly second?: string; readonly image?: string };
  readonly parameters: number;
  /** What loading passed over. */
  readonly notes: readonly string[];
}

export interface OwnWork {
  /** @param where a repository on the hub, or files by name */
  load(where: string | ReadonlyMap<string, Blob>): Promise<Loaded>;
  run(given: Given): Promise<Shown>;
}

interface Told {
  readonly numParameters: number;
  readonly notes: readonly string[];
}

/** A task with its model. */
interface Ready {
  readonly task: string;
  readonly wants: Loaded["wants"];
  readonly model: Told;
  run(given: Given): Promise<Shown>;
  dispose(): void;
}

type Place = Awaited<ReturnType<typeof openSource>>;

/** A table of which only the names matter here. */
type AnyFamilies = AutoFamilies<Readonly<Record<string, object>>>;

export async function open(_tools: Tools): Promise<OwnWork> {
  let ready: Ready | undefined;
  return {
    async load(where) {
      ready?.dispose();
      ready = undefined;
      const place = await openSource(where);
      const tables: readonly AnyFamilies[] = [textFamilies, imageFamilies, imageTextFamilies];
      const everything = tables.reduce<AnyFamilies>(joined, { families: {} });
      const { family, head } = await findClass(place, everything, undefined);
      const isOf = ({ families }: { readonly families: object }): boolean => Object.hasOwn(families, family);
      ready = isOf(imageTextFamilies) ? await both(place) : isOf(imageFamilies) ? await images(place, head) : await texts(place, head);
      const { task, wants, model } = ready;
      return { family, task, wants, parameters: model.numParameters, notes: model.notes };
    },
    async run(given) {
      if (!ready) throw new Error("no model has been loaded yet");
      return ready.run(given);
    },
  };
}

const joined = (a: AnyFamilies, b: AnyFamilies): AnyFamilies => ({
  families: { ...a.families, ...b.families },
  files: { ...a.files, ...b.files },
  entries: { ...a.entries, ...b.entries },
});

const ofImage = ({ image }: Given): Blob => {
  if (!image) throw new Error("it needs a picture");
  return image;
};
const linesOf = (text: string): string[] => text.split("\n").filter((line) => line.trim() !== "");

async function both(place: Place): Promise<Ready> {
  const see: ImageTextPipelines["zero-shot-image-classification"] = await imageTextPipeline("zero-shot-image-classification", place);
  return {
    ...partsOf(see),
    task: "zero-shot classification",
    wants: { image: "A picture", second: "Labels, a line each" },
    run: async (given) => ({ bars: barsOf(await see(ofImage(given), linesOf(given.second))) }),
  };
}

async function images(place: Place, head: string): Promise<Ready> {
  if (head === "Model" || head === "ForPreTraining") {
    const embed = await imagePipeline("image-feature-extraction", place);
    return {
      ...partsOf(embed),
      task: "image features",
      wants: { image: "A picture" },
      run: async (given) => ({ text: numbersOf(await embed(ofImage(given))) }),
    };
  }
  const see = await imagePipeline("image-classification", place);
  return {
    ...partsOf(see),
    task: "image classification",
    wants: { image: "A picture" },
    run: async (given) => ({ bars: barsOf(await see(ofImage(given))) }),
  };
}

/** By head. */
const ofText: Readonly<Record<string, (place: Place) => Promise<Ready>>> = {
  async ForMaskedLM(place) {
    const fill = await textPipeline("fill-mask", place);
    const run = async ({ text }: Given): Promise<Shown> => ({
      bars: (await fill(text)).map(({ token, probability }) => ({ label: token, share: probability })),
    });
    return { ...partsOf(fill), task: "fill-mask", wants: { text: "A sentence with the model's mask" }, run };
  },
  async ForSequenceClassification(place) {
    const read = await textPipeline("text-classification", place);
    return {
      ...partsOf(read),
      task: "text classification",
      wants: { text: "A text" },
      run: async ({ text }) => ({ bars: barsOf(await read(text)) }),
    };
  },
  async ForTokenClassification(place) {
    const tag = await textPipeline("token-classification", place);
    const run = async ({ text }: Given): Promise<Shown> => ({
      text: (await tag(text)).map(({ label, text: word }) => `${word}: ${label}`).join("\n"),
    });
    return { ...partsOf(tag), task: "token classification", wants: { text: "A text" }, run };
  },
  async ForQuestionAnswering(place) {
    const find = await textPipeline("question-answering", place);
    const run = async ({ text, second }: Given): Promise<Shown> => ({
      bars: (await find({ question: text, context: second })).map(({ text: label, probability: share }) => ({ label, share })),
    });
    return { ...partsOf(find), task: "question answering", wants: { text: "A question", second: "The passage" }, run };
  },
  async ForConditionalGeneration(place) {
    const translate = await textPipeline("translation", place);
    return {
      ...partsOf(translate),
      task: "translation",
      wants: { text: "A text" },
      run: async ({ text }) => ({ text: await translate(text) }),
    };
  },
  async Model(place) {
    const embed = await textPipeline("feature-extraction", place);
    const run = async ({ text, second }: Given): Promise<Shown> => {
      const lines = linesOf(second);
      const [first = new Float32Array(), ...others] = await embed([text, ...lines]);
      return { bars: others.map((other, i) => ({ label: lines[i] ?? "", share: cosine(first, other) })) };
    };
    return {
      ...partsOf(embed),
      task: "sentence similarity",
      wants: { text: "A sentence", second: "Others to compare it with, a line each" },
      run,
    };
  },
};

const texts = (place: Place, head: string): Promise<Ready> => {
  const named = head === "ForPreTraining" ? "ForMaskedLM" : head === "SentenceEncoder" ? "Model" : head;
  const make = ofText[named];
  if (!make) throw new Error(`this page has no task for a model with the head ${head}`);
  return make(place);
};

const partsOf = (task: { readonly model: object; dispose(): void }): Pick<Ready, "model" | "dispose"> => ({
  model: task.model as object & Told,
  dispose: () => task.dispose(),
});

const barsOf = (list: readonly { readonly label: string; readonly probability: number }[]): Bar[] =>
  list.map(({ label, probability }) => ({ label, share: probability }));

const numbersOf = (vector: Float32Array): string =>
  `${vector.length} numbers: ${Array.from(vector.subarray(0, 8), (value) => value.toFixed(3)).join(", ")}, …`;

function cosine(a: Float32Array, b: Float32Array): number {
  const product = (x: Float32Array, y: Float32Array): number => x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}
