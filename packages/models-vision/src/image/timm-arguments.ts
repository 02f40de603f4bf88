import { isJsonObject, type Json, type JsonObject } from "@x/layers/model";

/** What timm's `config.json` says of a model's shape. */
export interface TimmArguments {
  /** The architecture's name, without its tag; "" where there is none. */
  readonly architecture: string;
  /** Its constructor's arguments: those of `model_args`, or of a file that has them at its root. */
  readonly args: JsonObject;
  /** Side of the square input, where it is said. */
  readonly imageSize: number | undefined;
}

export function timmArguments(json: JsonObject): TimmArguments {
  const { architecture, model_args: nested, pretrained_cfg: settings } = json;
  const args = { ...json, ...(isJsonObject(nested) && nested) };
  const size = args["img_size"] ?? (isJsonObject(settings) ? settings["input_size"] : undefined);
  const side = Array.isArray(size) ? size.at(-1) : size;
  return {
    architecture: typeof architecture === "string" ? architecture : "",
    args,
    imageSize: typeof side === "number" ? side : undefined,
  };
}

export const numberOr = (value: Json | undefined, usual: number): number => (typeof value === "number" ? value : usual);

/** Hugging Face's name of what `act_layer` names. */
export const hubActivation = (name: string): string => (name === "gelu_tanh" ? "gelu_pytorch_tanh" : name);

/** timm's name of what `hidden_act` names. */
export const timmActivation = (name: string): string => (name === "gelu_pytorch_tanh" || name === "gelu_new" ? "gelu_tanh" : name);
