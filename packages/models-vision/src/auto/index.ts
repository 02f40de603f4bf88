/** For those who have a model's name and not its class. Apart from the main door, so that pages that name a class stay small. */
export { imageFamilies, type ImageHeads } from "./families.ts";
export { type ImageModelFor, type ImageTask, load } from "./load.ts";
export { type ImagePipeline, pipeline } from "./pipeline.ts";
