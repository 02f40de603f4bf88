export { EmojiSearch, type EmojiSearchOptions, type FoundEmoji } from "./emoji-search.ts";
export { modelFiles } from "./files.ts";
