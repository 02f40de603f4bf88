import type { Fixture } from "./fixture.ts";

/** A model family, each in a file of `families/`: how to tell its fixtures, and what it makes of their inputs. */
export interface Family {
  readonly name: string;
  readonly matches: (fixture: Fixture) => boolean;
  /** Runs the model on every input of the fixture; `check` is told each output under the name that io.json has for it. */
  readonly run: (fixture: Fixture, check: Check) => Promise<void>;
}

/** Compares an output if io.json has it. Names that are tried in vain cost nothing. */
export type Check = (name: string, actual: ArrayLike<number>) => void;

/** Inputs of images with the endings that their outputs may have: `pixel_values_24x20` goes with `logits_24x20` and `logits_interp`. */
export function imageInputs(fixture: Fixture): { key: string; endings: readonly string[] }[] {
  return [...fixture.io.keys()].flatMap((key) => {
    const [found, , size] = /^(pixel_values|x)(_\d+x\d+)?$/.exec(key) ?? [];
    if (found === undefined) return [];
    return [{ key, endings: size === undefined ? [""] : [size, "_interp"] }];
  });
}
