export type { EncodeOptions, Encoding, Truncation, WindowOptions } from "./tokenizer/encoding.ts";
