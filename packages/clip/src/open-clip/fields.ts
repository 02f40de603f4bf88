import { isJsonObject, type Json, type JsonObject } from "@x/layers/model";

/** What lies at a path of keys; undefined where there is nothing. */
export const fieldOf = (of: Json | undefined, ...path: readonly string[]): Json | undefined =>
  path.reduce<Json | undefined>((found, key) => (isJsonObject(found) ? found[key] : undefined), of);

/** What `model_cfg` says of a tower. */
export const towerOf = (openClip: JsonObject | undefined, tower: "vision_cfg" | "text_cfg"): Json | undefined =>
  fieldOf(openClip, "model_cfg", tower);
