/** Reads a SentencePiece model, a protobuf message (`sentencepiece_model.proto`). Only what tokenizing needs. */
import { PbfReader } from "pbf";
import { TokenizerError } from "../stages/tokenizer-error.ts";

/** Numbers as in the file: 1 normal, 2 unknown, 3 control, 4 user defined, 5 unused, 6 byte. */
export type PieceKind = "normal" | "unknown" | "control" | "userDefined" | "unused" | "byte";

export interface SentencePieceEntry {
  piece: string;
  /** Log probability (unigram), or minus the order of merging (BPE). */
  score: number;
  kind: PieceKind;
}

export interface SentencePieceFile {
  readonly pieces: readonly SentencePieceEntry[];
  readonly modelType: "unigram" | "bpe";
  /** Unknown characters become the tokens of their bytes. */
  readonly byteFallback: boolean;
  /** What an unknown token is written as. */
  readonly unkSurface: string;
  /** Empty when nothing is replaced. */
  readonly precompiledCharsmap: Uint8Array;
  /** A space is put before the text. */
  readonly addDummyPrefix: boolean;
  /** Several spaces are one; none at the ends. */
  readonly removeExtraWhitespaces: boolean;
  /** Spaces are written ▁. */
  readonly escapeWhitespaces: boolean;
}

const kinds: readonly PieceKind[] = ["normal", "unknown", "control", "userDefined", "unused", "byte"];

interface Draft {
  pieces: SentencePieceEntry[];
  modelType: number;
  byteFallback: boolean;
  unkSurface: string;
  spaceBehind: boolean;
  denormalizes: boolean;
  precompiledCharsmap: Uint8Array;
  addDummyPrefix: boolean;
  removeExtraWhitespaces: boolean;
  escapeWhitespaces: boolean;
}

/** @throws TokenizerError when the bytes are no such message, or it asks for what is not supported: word and character models, ▁ behind words, a denormalizer */
export function readSentencePieceFile(bytes: Uint8Array, name: string): SentencePieceFile {
  const draft: Draft = {
    pieces: [],
    modelType: 1,
    byteFallback: false,
    unkSurface: " \u2047 ",
    spaceBehind: false,
    denormalizes: false,
    precompiledCharsmap: new Uint8Array(),
    addDummyPrefix: true,
    removeExtraWhitespaces: true,
    escapeWhitespaces: true,
  };
  try {
    new PbfReader(bytes).readFields(readModel, draft);
  } catch (cause) {
    throw new TokenizerError(`tokenizer: ${name} is not a SentencePiece model`, { cause });
  }
  const { modelType, spaceBehind, denormalizes, ...file } = draft;
  if (file.pieces.length === 0) throw new TokenizerError(`tokenizer: ${name} is not a SentencePiece model: it has no pieces`);
  if (modelType !== 1 && modelType !== 2) {
    throw new TokenizerError(`tokenizer: ${name} is a ${modelType === 3 ? "word" : "character"} model; only unigram and BPE are supported`);
  }
  if (denormalizes) throw new TokenizerError(`tokenizer: ${name} rewrites what it decodes (denormalizer_spec), which is not supported`);
  if (spaceBehind) throw new TokenizerError(`tokenizer: ${name} puts ▁ behind words (treat_whitespace_as_suffix), which is not supported`);
  return { ...file, modelType: modelType === 2 ? "bpe" : "unigram" };
}

/** ModelProto */
function readModel(tag: number, draft: Draft, pbf: PbfReader): void {
  if (tag === 1) draft.pieces.push(pbf.readMessage(readPiece, { piece: "", score: 0, kind: "normal" }));
  else if (tag === 2) pbf.readMessage(readTrainerSpec, draft);
  else if (tag === 3) pbf.readMessage(readNormalizerSpec, draft);
  else if (tag === 5) pbf.readMessage(readDenormalizerSpec, draft);
}

/** ModelProto.SentencePiece */
function readPiece(tag: number, entry: SentencePieceEntry, pbf: PbfReader): void {
  if (tag === 1) entry.piece = pbf.readString();
  else if (tag === 2) entry.score = pbf.readFloat();
  else if (tag === 3) entry.kind = kinds[pbf.readVarint() - 1] ?? "normal";
}

function readTrainerSpec(tag: number, draft: Draft, pbf: PbfReader): void {
  if (tag === 3) draft.modelType = pbf.readVarint();
  else if (tag === 24) draft.spaceBehind = pbf.readBoolean();
  else if (tag === 35) draft.byteFallback = pbf.readBoolean();
  else if (tag === 44) draft.unkSurface = pbf.readString();
}

/** What texts become after decoding. */
function readDenormalizerSpec(tag: number, draft: Draft, pbf: PbfReader): void {
  if (tag === 2) draft.denormalizes = pbf.readBytes().length > 0;
}

function readNormalizerSpec(tag: number, draft: Draft, pbf: PbfReader): void {
  if (tag === 2) draft.precompiledCharsmap = pbf.readBytes();
  else if (tag === 3) draft.addDummyPrefix = pbf.readBoolean();
  else if (tag === 4) draft.removeExtraWhitespaces = pbf.readBoolean();
  else if (tag === 5) draft.escapeWhitespaces = pbf.readBoolean();
}
