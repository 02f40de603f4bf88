import { crossEntropy, intTensor, type PretrainedOptions, type Tensor } from "@x/layers";
import { loadPretrained, type PretrainedClass, type PretrainedFiles, type PretrainedModel, type WeightLayout } from "@x/layers/model";
import { shiftRight, type TextInput, type Transformer } from "@x/models-nlp";
import { entry, type Golden, goldenIds, goldenTensor } from "./golden.ts";

/** The files of a checkpoint, as a browser, a server and a worker can all have them. */
export type Files = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/** A model that is run in every runtime, on the numbers that PyTorch got from the same weights. */
export interface Family {
  readonly name: string;
  /** Folder below packages/ with config.json, model.safetensors and golden.safetensors; without one, only the bits are compared. */
  readonly golden?: string;
  /** Whether `labels` make a new head. Default false. */
  readonly hasHead?: boolean;
  load(where: Files | string, options?: Pick<PretrainedOptions, "labels" | "signal" | "onProgress">): Promise<Subject>;
}

export interface Subject {
  readonly model: PretrainedModel<object>;
  /** Whose names the golden gradients have. Default: the parameters' own paths. */
  readonly layout?: WeightLayout;
  /** Outputs under the names of the golden file, `loss` among them: its gradients are compared too. */
  forward(golden: Golden): Readonly<Record<string, Tensor>> & { readonly loss: Tensor };
}

/** A family from its class of models, and what such a model makes of the golden inputs. */
export function family<Given extends object, Config extends Given, Model extends PretrainedModel<Config>, Opened extends PretrainedFiles>(
  name: string,
  Kind: PretrainedClass<Given, Config, Model, Opened>,
  golden: string,
  forward: (model: NoInfer<Model>, numbers: Golden) => ReturnType<Subject["forward"]>,
): Family {
  return {
    name,
    golden,
    hasHead: Kind.family.head !== undefined,
    async load(where, options) {
      const model = await loadPretrained(Kind, where, options);
      const [layout] = Kind.family.layouts(model.config);
      return { model, layout, forward: (numbers) => forward(model, numbers) };
    },
  };
}

/** Images in, logits out, cross-entropy: what most of the vision models are. */
export const classifiedImages = (model: { forward(images: Tensor): Tensor }, numbers: Golden): ReturnType<Subject["forward"]> => {
  const logits = model.forward(goldenTensor(numbers, "pixel_values"));
  return { logits, loss: crossEntropy(logits, intTensor(entry(numbers, "labels").values)) };
};

/** Text in, logits out, cross-entropy. */
export const classifiedTexts = (model: { forward(text: TextInput): Tensor }, numbers: Golden): ReturnType<Subject["forward"]> => {
  const ids = (key: string): Tensor<"int32"> => goldenIds(numbers, key);
  const attentionMask = numbers.has("attention_mask") ? { attentionMask: ids("attention_mask") } : {};
  const tokenTypeIds = numbers.has("token_type_ids") ? { tokenTypeIds: ids("token_type_ids") } : {};
  const logits = model.forward({ inputIds: ids("input_ids"), ...tokenTypeIds, ...attentionMask });
  return { logits, loss: crossEntropy(logits, ids("labels")) };
};

/** Text in, text out: the encoder-decoder models. */
export const translated =
  (labelSmoothing: number) =>
  (model: Transformer, numbers: Golden): ReturnType<Subject["forward"]> => {
    const text = { inputIds: goldenIds(numbers, "input_ids"), attentionMask: goldenIds(numbers, "attention_mask") };
    const labels = goldenIds(numbers, "labels");
    return {
      logits: model.forward(text, { inputIds: shiftRight(labels, model.config) }),
      loss: model.loss(text, labels, { labelSmoothing }),
    };
  };
