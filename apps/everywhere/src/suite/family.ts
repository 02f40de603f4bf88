import { crossEntropy, intTensor, type Module, type Tensor, type WeightLayout } from "@x/layers";
import { entry, type Golden, goldenTensor } from "./golden.ts";

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

/** Images in, logits out, cross-entropy: what most of the vision models are. */
export function imageClassifier(
  name: string,
  golden: string,
  load: (files: Files) => Promise<Module & { forward(images: Tensor): Tensor }>,
  layout: WeightLayout,
): Family {
  return {
    name,
    golden,
    layout,
    async load(files) {
      const model = await load(files);
      return {
        model,
        forward(numbers) {
          const logits = model.forward(goldenTensor(numbers, "pixel_values"));
          return { logits, loss: crossEntropy(logits, intTensor(entry(numbers, "labels").values)) };
        },
      };
    },
  };
}
