export { EmojiSearch, type EmojiSearchOptions, type FoundEmoji } from "./emoji-search.ts";
export { modelFiles } from "./files.ts";
export { CheckpointError, init, liveBytes, XError } from "@x/layers";
export { ImageError, type ImageInput } from "@x/models-vision";
