import { empty, type Tensor } from "@x/layers";
import { checkOptions, type RulesOf, wholeFrom } from "@x/layers/model";
import type { Encoding } from "./encoding.ts";
import { TokenizerError } from "./stages/tokenizer-error.ts";

export interface PadOptions {
  /** The length becomes a multiple of it. Default 1. */
  readonly padToMultipleOf?: number | undefined;
  /** Tokens of every text, shorter ones being padded to it. Default: the longest text's. */
  readonly length?: number | undefined;
  /** What shorter texts are filled with. Default: the tokenizer's own padding token. */
  readonly padTokenId?: number | undefined;
}

const rules: RulesOf<PadOptions> = { padToMultipleOf: wholeFrom(1), length: wholeFrom(0), padTokenId: wholeFrom(0) };

/** Texts as a model takes them: B texts of at most N tokens, the shorter ones padded. `using` or `dispose` frees all three. */
export class TextBatch implements Disposable {
  /** (B, N) */
  readonly inputIds: Tensor<"int32">;
  /** (B, N): 1 for a token, 0 for padding. */
  readonly attentionMask: Tensor<"int32">;
  /** (B, N): 0 for the first text, 1 for the second. */
  readonly tokenTypeIds: Tensor<"int32">;

  /** `rows` are all `length` long. */
  constructor(rows: readonly PaddedRow[], length: number) {
    const matrix = (column: keyof PaddedRow): Tensor<"int32"> => {
      const filled = empty([rows.length, length], "int32");
      for (const [i, row] of rows.entries()) filled.data.set(row[column], i * length);
      return filled;
    };
    this.inputIds = matrix("ids");
    this.attentionMask = matrix("mask");
    this.tokenTypeIds = matrix("typeIds");
  }

  dispose(): void {
    for (const tensor of [this.inputIds, this.attentionMask, this.tokenTypeIds]) tensor.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** One text of a batch, already padded. */
export interface PaddedRow {
  readonly ids: readonly number[];
  readonly mask: readonly number[];
  readonly typeIds: readonly number[];
}

/** Fills encodings up to one length. @throws TokenizerError when an option makes no sense, without a padding token where one is needed, or when a text is longer than `length` */
export function padded(
  encodings: readonly Encoding[],
  tokenizersOwn: number | undefined,
  side: "left" | "right",
  options: PadOptions,
): [rows: PaddedRow[], length: number] {
  checkOptions("pad", options, rules);
  const { padToMultipleOf = 1, length, padTokenId: padId = tokenizersOwn } = options;
  const longest = encodings.reduce((most, { ids }) => Math.max(most, ids.length), 0);
  if (length !== undefined && longest > length) throw new TokenizerError(`pad: a text is ${longest} tokens long, more than ${length}`);
  const total = Math.ceil((length ?? longest) / padToMultipleOf) * padToMultipleOf;
  const rows = encodings.map(({ ids, typeIds }) => {
    const missing = total - ids.length;
    if (missing > 0 && padId === undefined)
      throw new TokenizerError("pad: the texts differ in length, but the tokenizer has no padding token");
    const fill = (values: readonly number[], filler: number): number[] => {
      const filling = Array.from({ length: missing }, () => filler);
      return side === "left" ? [...filling, ...values] : [...values, ...filling];
    };
    const mask = ids.map(() => 1);
    return { ids: fill(ids, padId ?? 0), mask: fill(mask, 0), typeIds: fill(typeIds, 0) };
  });
  return [rows, total];
}
