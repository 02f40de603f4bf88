/** Models of every package, for commands that take whatever comes. */
import { type AutoFamilies, findClass, type FoundClass, openSource } from "@x/layers/model";
import type { Call } from "./call.ts";

/** A table of which only the names matter here. */
type AnyFamilies = AutoFamilies<Readonly<Record<string, object>>>;

export interface FoundModel extends FoundClass<object, string> {
  readonly reads: boolean;
  readonly sees: boolean;
}

/** What a call's model is. @throws CheckpointError when it isn't known, or can't be found */
export async function anyModel({ options, loading }: Pick<Call, "options" | "loading">): Promise<FoundModel> {
  const [{ textFamilies }, { imageFamilies }, { imageTextFamilies }] = await Promise.all([
    import("@x/models-nlp/auto"),
    import("@x/models-vision/auto"),
    import("@x/clip/auto"),
  ]);
  const everything = [textFamilies, imageFamilies, imageTextFamilies].reduce<AnyFamilies>(joined, { families: {} });
  const found = await findClass(await openSource(options.model, loading), everything, undefined, loading);
  const isOf = ({ families }: { readonly families: object }): boolean => Object.hasOwn(families, found.family);
  const both = isOf(imageTextFamilies);
  return { ...found, reads: both || isOf(textFamilies), sees: both || isOf(imageFamilies) };
}

const joined = (a: AnyFamilies, b: AnyFamilies): AnyFamilies => ({
  families: { ...a.families, ...b.families },
  files: { ...a.files, ...b.files },
  entries: { ...a.entries, ...b.entries },
});
