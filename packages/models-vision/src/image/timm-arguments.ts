import { CheckpointError } from "@x/layers";
import { isJsonObject, type Json, type JsonObject, patchCount, type PixelSize } from "@x/layers/model";

/** What timm's `config.json` says of a model's shape. */
export interface TimmArguments {
  /** The architecture's name, without its tag; "" where there is none. */
  readonly architecture: string;
  /** Its constructor's arguments: those of `model_args`, or of a file that has them at its root. */
  readonly args: JsonObject;
  /** Of the input in pixels, where it is said. */
  readonly imageSize: PixelSize | undefined;
}

export function timmArguments(json: JsonObject): TimmArguments {
  const { architecture, model_args: nested, pretrained_cfg: settings } = json;
  const args = { ...json, ...(isJsonObject(nested) && nested) };
  const size = args["img_size"] ?? (isJsonObject(settings) ? settings["input_size"] : undefined);
  const [height, width] = Array.isArray(size) ? size.slice(-2) : [size, size];
  return {
    architecture: typeof architecture === "string" ? architecture : "",
    args,
    imageSize: typeof height !== "number" || typeof width !== "number" ? undefined : height === width ? height : [height, width],
  };
}

/**
 * What a checkpoint's number of patches says of the input's size: what is told, which must give as many; where nothing is, a square's.
 * @throws CheckpointError where neither can be
 */
export function imageSizeOf(numPatches: number, patchSize: number, told: PixelSize | undefined): PixelSize {
  if (told !== undefined && patchCount(told, patchSize) === numPatches) return told;
  const side = Math.sqrt(numPatches);
  if (told !== undefined && Number.isInteger(side)) {
    const expected = `img_size, or input_size, of ${patchSize * side}; for other pictures set the model's imageSize by the option \`config\``;
    throw new CheckpointError("config.json tells another size of images than the weights are for", {
      expected,
      found: JSON.stringify(told),
    });
  }
  if (Number.isInteger(side)) return patchSize * side;
  const problem = `the checkpoint is for images of ${numPatches} patches, which are no square's`;
  throw new CheckpointError(problem, { expected: "img_size with height and width in config.json", found: JSON.stringify(told) ?? "none" });
}

export const numberOr = (value: Json | undefined, usual: number): number => (typeof value === "number" ? value : usual);

/** Hugging Face's name of what `act_layer` names. */
export const hubActivation = (name: string): string => (name === "gelu_tanh" ? "gelu_pytorch_tanh" : name);

/** timm's name of what `hidden_act` names. */
export const timmActivation = (name: string): string => (name === "gelu_pytorch_tanh" || name === "gelu_new" ? "gelu_tanh" : name);
