/**
 * The name table of a model: which of its parameters is which entry of a checkpoint. One table loads and, read backwards, saves.
 *
 * ```ts
 * const huggingFace: WeightLayout = {
 *   name: "Hugging Face",
 *   basePrefix: "vit.",
 *   table: {
 *     "clsToken": "vit.embeddings.cls_token",
 *     "blocks.{i}.norm1.*": "vit.encoder.layer.{i}.layernorm_before.*",
 *     "blocks.{i}.attn.qkv.*": joined(
 *       "vit.encoder.layer.{i}.attention.attention.query.*",
 *       "vit.encoder.layer.{i}.attention.attention.key.*",
 *       "vit.encoder.layer.{i}.attention.attention.value.*",
 *     ),
 *     "head.*": "classifier.*",
 *   },
 *   ignore: ["vit.pooler.*"],
 * };
 * ```
 */

/** One entry, or some of its rows. */
export interface Part {
  readonly key: string;
  /** Keys that stand for it in other files, looked for in this order when `key` is absent. */
  readonly otherKeys?: readonly string[] | undefined;
  /** The entry is stored as [in, out]. */
  readonly transpose?: boolean | undefined;
  /** The entry's shape where it isn't the parameter's. */
  readonly shape?: readonly number[] | undefined;
  /** Rows from `begin/of` to `end/of` of the entry. */
  readonly rows?: readonly [begin: number, end: number, of: number] | undefined;
}

/** An entry's key, an entry with something special about it, or several entries one after the other along the first axis. */
export type Rule = string | Part | readonly Part[];

/** How one family of files names a model's weights. */
export interface WeightLayout {
  /** For messages and reports: `Hugging Face`, `timm`. */
  readonly name: string;
  /**
   * The model's parameter paths → keys. `{i}` is any number, `*` any text; on the right side they are filled in, `{i+1}` counting on.
   * The first line that matches counts.
   */
  readonly table: Readonly<Record<string, Rule>>;
  /** Prefix of keys that is left out in files of the bare base model, such as `vit.`. */
  readonly basePrefix?: string | undefined;
  /** Patterns of keys that no parameter takes and nobody misses: tied copies, index tables, heads. */
  readonly ignore?: readonly string[] | undefined;
  /** Patterns of parameter paths that a file need not have, because the model computes or ties them. */
  readonly optional?: readonly string[] | undefined;
  /** Other names that files have for keys: found pattern → the key in the table. */
  readonly aliases?: Readonly<Record<string, string>> | undefined;
}

/** Several entries stacked along the first axis; saved in equal parts. */
export function joined(...parts: readonly (string | Part)[]): readonly Part[] {
  return parts.map(partOf);
}

/** A matrix that is stored the other way round. */
export function transposed(part: string | Part): Part {
  return { ...partOf(part), transpose: true };
}

/** An entry of another shape with the same numbers in the same order. */
export function reshaped(part: string | Part, shape: readonly number[]): Part {
  return { ...partOf(part), shape };
}

/** The first of these keys that the file has; saved under the first. */
export function firstOf(key: string, ...otherKeys: readonly string[]): Part {
  return { key, otherKeys };
}

/** Of an entry cut into `of` equal row blocks, those from `begin` to before `end`: `rowsOf("in_proj_weight", 0, 1, 3)` is the query's. */
export function rowsOf(part: string | Part, begin: number, end: number, of: number): Part {
  return { ...partOf(part), rows: [begin, end, of] };
}

export function partOf(part: string | Part): Part {
  return typeof part === "string" ? { key: part } : part;
}

export function partsOf(rule: Rule): readonly Part[] {
  if (typeof rule === "string") return [partOf(rule)];
  return "key" in rule ? [rule] : rule;
}
