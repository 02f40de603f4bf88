/** The decoders of `tokenizer.json`: tokens → text. */
import type { JsonObject } from "@x/layers/model";
import { AlignedText } from "./aligned-text.ts";
import { atOnce } from "./steps.ts";
import { byteOf } from "./byte-fallback.ts";
import { fromByteLetters } from "./byte-level.ts";
import { cleanUpSpaces } from "./clean-up.ts";
import { booleanField, numberField, objectField, objectsField, stringField } from "./fields.ts";
import { patternOf } from "./pattern.ts";
import { TokenizerError } from "./tokenizer-error.ts";

/** Each step makes texts of tokens, which joined are the text. */
export type Decoder = (tokens: readonly string[]) => readonly string[];

/** @throws TokenizerError when its type is unknown */
export function decoderFrom(json: JsonObject): Decoder {
  const type = stringField(json, "type");
  switch (type) {
    case "Sequence": {
      const steps = objectsField(json, "decoders").map(decoderFrom);
      return (tokens) => steps.reduce((texts, decode) => decode(texts), tokens);
    }
    case "WordPiece":
      return wordPieceDecoder(stringField(json, "prefix", "##"), booleanField(json, "cleanup", true));
    case "ByteLevel":
      return (tokens) => [fromByteLetters(tokens)];
    case "Metaspace": {
      const replacement = stringField(json, "replacement", "▁");
      const prepends = stringField(json, "prepend_scheme", booleanField(json, "add_prefix_space", true) ? "always" : "never") !== "never";
      return (tokens) => tokens.map((token, i) => token.replaceAll(replacement, i === 0 && prepends ? "" : " "));
    }
    case "BPEDecoder": {
      const suffix = stringField(json, "suffix", "</w>");
      return (tokens) => tokens.map((token, i) => token.replaceAll(suffix, i === tokens.length - 1 ? "" : " "));
    }
    case "Replace": {
      const [pattern, content] = [patternOf(objectField(json, "pattern")), stringField(json, "content")];
      return (tokens) => tokens.map((token) => atOnce(AlignedText.of(token).replace(pattern, content)).text);
    }
    case "Fuse":
      return (tokens) => [tokens.join("")];
    case "Strip":
      return stripDecoder(stringField(json, "content"), numberField(json, "start"), numberField(json, "stop"));
    case "ByteFallback":
      return joinBytes;
    default:
      throw new TokenizerError(`tokenizer: there is no decoder ${type} here`);
  }
}

/** Inner pieces join the one before, others get a space. */
const wordPieceDecoder =
  (prefix: string, cleansUp: boolean): Decoder =>
  (tokens) =>
    tokens.map((token, i) => {
      const text = i === 0 ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`;
      return cleansUp ? cleanUpSpaces(text).replaceAll(" do not", " don't") : text;
    });

/** Takes at most so many of a character from each token's ends. */
const stripDecoder =
  (content: string, start: number, stop: number): Decoder =>
  (tokens) =>
    tokens.map((token) => {
      let begin = 0;
      let end = token.length;
      while (begin < start && token[begin] === content) begin++;
      while (token.length - end < stop && end > begin && token[end - 1] === content) end--;
      return token.slice(begin, end);
    });

/** Neighbouring byte tokens, `<0xE2>`, as the characters they are; U+FFFD for each byte where they are none. */
const joinBytes: Decoder = (tokens) => {
  const texts: string[] = [];
  let bytes: number[] = [];
  const flush = (): void => {
    if (bytes.length > 0) texts.push(utf8(bytes) ?? "\ufffd".repeat(bytes.length));
    bytes = [];
  };
  for (const token of tokens) {
    const byte = byteOf(token);
    if (byte !== undefined) {
      bytes.push(byte);
      continue;
    }
    flush();
    texts.push(token);
  }
  flush();
  return texts;
};

function utf8(bytes: readonly number[]): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    return undefined;
  }
}
