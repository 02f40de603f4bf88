import { crossEntropy, intTensor, type Module, type Tensor, type WeightLayout } from "@x/layers";
import { shiftRight, type TextInput, type Transformer } from "@x/models-nlp";
import { entry, type Golden, goldenIds, goldenTensor } from "./golden.ts";

/** The files of a checkpoint, as a browser, a server and a worker can all have them. */
export type Files = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/** A model that is run in every runtime, on the numbers that PyTorch got from the same weights. */
export interface Family {
  readonly name: string;
  /** Folder below packages/ with config.json, model.safetensors and golden.safetensors; without one, only the bits are compared. */
  readonly golden?: string;
  /** Whose names the golden gradients have. Default: the parameters' own paths. */
  readonly layout?: WeightLayout;
  load(files: Files): Promise<Subject>;
}

export interface Subject {
  readonly model: Module;
  /** Outputs under the names of the golden file, `loss` among them: its gradients are compared too. */
  forward(golden: Golden): Readonly<Record<string, Tensor>> & { readonly loss: Tensor };
}

/** A family from how its model is loaded and what it makes of the golden inputs. */
export function family<M extends Module>(
  name: string,
  golden: string,
  load: (files: Files) => Promise<M>,
  layout: WeightLayout,
  forward: (model: M, numbers: Golden) => ReturnType<Subject["forward"]>,
): Family {
  return {
    name,
    golden,
    layout,
    async load(files) {
      const model = await load(files);
      return { model, forward: (numbers) => forward(model, numbers) };
    },
  };
}

/** Images in, logits out, cross-entropy: what most of the vision models are. */
export const imageClassifier = (
  name: string,
  golden: string,
  load: (files: Files) => Promise<Module & { forward(images: Tensor): Tensor }>,
  layout: WeightLayout,
): Family =>
  family(name, golden, load, layout, (model, numbers) => {
    const logits = model.forward(goldenTensor(numbers, "pixel_values"));
    return { logits, loss: crossEntropy(logits, intTensor(entry(numbers, "labels").values)) };
  });

/** Text in, logits out, cross-entropy. */
export const textClassifier = (
  name: string,
  golden: string,
  load: (files: Files) => Promise<Module & { forward(text: TextInput): Tensor }>,
  layout: WeightLayout,
): Family =>
  family(name, golden, load, layout, (model, numbers) => {
    const ids = (key: string): Tensor<"int32"> => goldenIds(numbers, key);
    const attentionMask = numbers.has("attention_mask") ? { attentionMask: ids("attention_mask") } : {};
    const logits = model.forward({ inputIds: ids("input_ids"), tokenTypeIds: ids("token_type_ids"), ...attentionMask });
    return { logits, loss: crossEntropy(logits, ids("labels")) };
  });

/** Text in, text out: the encoder-decoder models. */
export const translator = (
  name: string,
  golden: string,
  load: (files: Files) => Promise<Transformer>,
  layout: WeightLayout,
  labelSmoothing: number,
): Family =>
  family(name, golden, load, layout, (model, numbers) => {
    const text = { inputIds: goldenIds(numbers, "input_ids"), attentionMask: goldenIds(numbers, "attention_mask") };
    const labels = goldenIds(numbers, "labels");
    return {
      logits: model.forward(text, { inputIds: shiftRight(labels, model.config) }),
      loss: model.loss(text, labels, { labelSmoothing }),
    };
  });
