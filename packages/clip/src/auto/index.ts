/** For those who have a model's name and not its class. Apart from the main door, so that pages that name a class stay small. */
export { imageTextFamilies, type ImageTextHeads } from "./families.ts";
export { type ImageTextModel, load } from "./load.ts";
export { type ImageTextPipelines, type ImageTextTask, pipeline, type ZeroShotPipeline, type ZeroShotPipelineOptions } from "./pipeline.ts";
