/** Models of every package, for commands that take whatever comes. */
import { imageTextFamilies } from "@x/clip/auto";
import { type AutoFamilies, findClass, type FoundClass, openSource } from "@x/layers/model";
import { textFamilies } from "@x/models-nlp/auto";
import { imageFamilies } from "@x/models-vision/auto";
import type { Call } from "./call.ts";

const packages = [textFamilies, imageFamilies, imageTextFamilies];

/** Every package's table as one. */
const everything: AutoFamilies<Readonly<Record<string, object>>> = {
  families: Object.assign({}, ...packages.map(({ families }) => families)) as (typeof everything)["families"],
  files: Object.assign({}, ...packages.map(({ files }) => files)) as Record<string, string>,
  entries: Object.assign({}, ...packages.map(({ entries }) => entries)) as Record<string, string>,
};

export interface FoundModel extends FoundClass<object, string> {
  readonly reads: boolean;
  readonly sees: boolean;
}

/** What a call's model is. @throws CheckpointError when it isn't known, or can't be found */
export async function anyModel({ options, loading }: Pick<Call, "options" | "loading">): Promise<FoundModel> {
  const found = await findClass(await openSource(options.model, loading), everything, undefined, loading);
  const isOf = ({ families }: object & { readonly families: object }): boolean => Object.hasOwn(families, found.family);
  const both = isOf(imageTextFamilies);
  return { ...found, reads: both || isOf(textFamilies), sees: both || isOf(imageFamilies) };
}
