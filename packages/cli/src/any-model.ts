/** Models of every package, for commands that take whatever comes. */
import {
  type AnyFamilies,
  type FileSource,
  findClass,
  type FoundClass,
  joinFamilies,
  loadAuto,
  openSource,
  type PretrainedModel,
} from "@x/layers/model";
import type { Call } from "./call.ts";

export interface FoundModel extends FoundClass<object, string> {
  /** Where it was looked for: of an adapter, its own folder. */
  readonly place: FileSource;
  readonly reads: boolean;
  readonly sees: boolean;
}

/** What every package has. */
async function everything(): Promise<readonly [text: AnyFamilies, image: AnyFamilies, both: AnyFamilies]> {
  const [{ textFamilies }, { imageFamilies }, { imageTextFamilies }] = await Promise.all([
    import("@x/models-nlp/auto"),
    import("@x/models-vision/auto"),
    import("@x/clip/auto"),
  ]);
  return [textFamilies, imageFamilies, imageTextFamilies];
}

/** A call's model, of the class that its files name. @throws CheckpointError as `loadAuto` does */
export const loadAny = async ({ options, loading }: Pick<Call, "options" | "loading">): Promise<PretrainedModel<object>> =>
  loadAuto(joinFamilies(await everything()), undefined, options.model, loading);

/** What a call's model is. @throws CheckpointError when it isn't known, or can't be found */
export async function anyModel({ options, loading }: Pick<Call, "options" | "loading">): Promise<FoundModel> {
  const [textFamilies, imageFamilies, imageTextFamilies] = await everything();
  const place = await openSource(options.model, loading);
  const found = await findClass(place, joinFamilies([textFamilies, imageFamilies, imageTextFamilies]), undefined, loading);
  const isOf = ({ families }: { readonly families: object }): boolean => Object.hasOwn(families, found.family);
  const both = isOf(imageTextFamilies);
  return { ...found, place, reads: both || isOf(textFamilies), sees: both || isOf(imageFamilies) };
}
