import { type Checkpoint, CheckpointError, openCheckpoint, type SourceLocation } from "@x/layers";
import { type EmbeddingPrecision, isScalar, type Json, precisionRules } from "@x/layers/model";
import type { Entry } from "../entry.ts";
import { readNotes } from "../notes.ts";
import { inverseLengths } from "../vectors.ts";
import { BitVectors } from "./bit-vectors.ts";
import { unsigned } from "./bytes.ts";
import { FloatVectors } from "./float-vectors.ts";
import type { KeptVectors } from "./kept-vectors.ts";
import { ScalarVectors } from "./scalar-vectors.ts";

export interface ReadIndex<Payload extends Json> {
  readonly entries: readonly Entry<Payload>[];
  readonly kept: KeptVectors;
  readonly precision: EmbeddingPrecision;
}

/** What `EmbeddingIndex.save` wrote. @throws CheckpointError when it isn't that */
export async function read<Payload extends Json>(where: SourceLocation): Promise<ReadIndex<Payload>> {
  const checkpoint = await openCheckpoint(where);
  const entries = readNotes<Payload>(checkpoint.metadata);
  const precision = checkpoint.metadata.get("precision") ?? "float32";
  const [count, ...more] = checkpoint.entries.get("embeddings")?.shape ?? [];
  if (!entries || entries.length !== count || more.length !== 1 || !isPrecision(precision)) refuse(checkpoint);
  return { entries, kept: await readVectors(checkpoint, precision, entries.length), precision };
}

async function readVectors(checkpoint: Checkpoint, precision: EmbeddingPrecision, count: number): Promise<KeptVectors> {
  const stored = checkpoint.entries.get("embeddings");
  const [, wide = 0] = stored?.shape ?? [];
  if (precision === "float32") {
    const data = new Float32Array(count * wide);
    await checkpoint.readInto([["embeddings", { shape: [count, wide], view: () => data }]]);
    const rows = { count, width: wide, data };
    return FloatVectors.of(rows, inverseLengths("EmbeddingIndex.load", rows));
  }
  const bytes = precision === "int8" || precision === "binary" ? new Int8Array(count * wide) : new Uint8Array(count * wide);
  const embeddings = { shape: [count, wide], view: () => bytes };
  if (!isScalar(precision)) {
    const width = Number(checkpoint.metadata.get("width"));
    if (Math.ceil(width / 8) !== wide) refuse(checkpoint);
    await checkpoint.readInto([["embeddings", embeddings]]);
    const packed = unsigned(bytes);
    return BitVectors.of(
      precision,
      width,
      Array.from({ length: count }, (_, row) => packed.subarray(row * wide, (row + 1) * wide)),
    );
  }
  const [ranges, inverses] = [new Float32Array(2 * wide), new Float32Array(count)];
  await checkpoint.readInto([
    ["embeddings", embeddings],
    ["ranges", { shape: [2, wide], view: () => ranges }],
    ["inverse_lengths", { shape: [count], view: () => inverses }],
  ]);
  return new ScalarVectors(precision, [ranges.slice(0, wide), ranges.slice(wide)], unsigned(bytes), inverses);
}

const isPrecision = (name: string): name is EmbeddingPrecision => precisionRules.precision.holds(name);

function refuse({ label }: Checkpoint): never {
  throw new CheckpointError("this is not an index", { file: label, expected: "the entry embeddings, and ids in the notes" });
}
