import type { Checkpoint } from "../checkpoint/contents.ts";
import { matchesAny, NamePattern } from "../checkpoint/name-pattern.ts";
import { CheckpointError } from "../files/checkpoint-error.ts";

/** A model's sizes read off its checkpoint, where no config tells them. */
export class CheckpointShapes {
  readonly #checkpoint: Checkpoint;
  readonly #model: string;

  /** @param model for messages: `a ViT` */
  constructor(checkpoint: Checkpoint, model: string) {
    this.#checkpoint = checkpoint;
    this.#model = model;
  }

  /** The shape of the first of these entries that is there. */
  find(...keys: readonly string[]): readonly number[] | undefined {
    return keys.map((key) => this.#checkpoint.entries.get(key)?.shape).find((shape) => shape !== undefined);
  }

  /** The entry's shape. @throws CheckpointError when there is none: it is another model's checkpoint */
  of(key: string): readonly number[] {
    const found = this.find(key);
    if (found) return found;
    throw new CheckpointError(`this is not ${this.#model}`, { file: this.#checkpoint.label, expected: `the entry ${key}` });
  }

  /** The first entry that matches one of the patterns, but none of the known ones. */
  unlike(patterns: readonly string[], known: readonly string[]): string | undefined {
    const [within, without] = [patterns, known].map((texts) => texts.map((text) => new NamePattern(text)));
    return [...this.#checkpoint.entries.keys()].find((key) => matchesAny(within ?? [], key) && !matchesAny(without ?? [], key));
  }

  /** How many entries there are of a pattern: `blocks.{i}.norm1.weight`. */
  count(pattern: string): number {
    const wanted = new NamePattern(pattern);
    return [...this.#checkpoint.entries.keys()].filter((key) => wanted.match(key) !== undefined).length;
  }
}
