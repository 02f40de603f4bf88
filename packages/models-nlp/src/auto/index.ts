/** For those who have a model's name and not its class. Apart from the main door, so that pages that name a class stay small. */
export { load, type TextModelFor, type TextTask } from "./load.ts";
export { pipeline, type RankingPipeline, type TextPipeline } from "./pipeline.ts";
export { textFamilies, type TextHeads } from "./families.ts";
