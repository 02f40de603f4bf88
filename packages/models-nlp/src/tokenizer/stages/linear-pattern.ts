/**
 * Regular expressions in time linear in the text: a pattern from a file may be written to make a backtracking engine hang. The pattern is compiled to a small
 * program, all of whose threads run side by side over the text (Thompson 1968; Pike's machine, Cox 2009), the preferred one first: the matches are those
 * of a backtracking engine.
 */
import type { Pattern } from "./aligned-text.ts";
import type { CharacterTest } from "./character-class.ts";
import type { PatternNode } from "./pattern-syntax.ts";
import { TokenizerError } from "./tokenizer-error.ts";

type Instruction =
  | { readonly kind: "character"; readonly test: CharacterTest }
  | { readonly kind: "fork"; readonly first: number; readonly second: number }
  | { readonly kind: "assert"; readonly holds: (text: string, at: number) => boolean }
  | { readonly kind: "match" };

const mostInstructions = 2000;

export class LinearPattern implements Pattern {
  readonly #program: Instruction[] = [];
  readonly #source: string;

  /** @throws TokenizerError when the pattern is too large */
  constructor(node: PatternNode, source: string) {
    this.#source = source;
    this.#compile(node);
    this.#emit({ kind: "match" });
  }

  /** Matches from left to right; an empty one not right behind another. @throws TokenizerError when the pattern reads the text again and again */
  *[Symbol.matchAll](text: string): Generator<{ readonly 0: string; readonly index: number }> {
    const steps = { left: 64 * (text.length + 1000) };
    let last = -1;
    for (let at = 0; at <= text.length;) {
      const [begin, end] = this.#find(text, at, steps);
      if (begin < 0) return;
      if (end > begin || begin !== last) yield { 0: text.slice(begin, end), index: begin };
      last = end;
      at = end > begin ? end : begin + characterLength(text, begin);
    }
  }

  /** The first match from `from` on: of those that begin leftmost, the preferred. [−1, −1] when there is none. */
  #find(text: string, from: number, steps: { left: number }): [begin: number, end: number] {
    let [threads, following] = [new Threads(this.#program.length), new Threads(this.#program.length)];
    let found: [number, number] = [-1, -1];
    for (let at = from; at <= text.length;) {
      if (found[0] < 0) this.#add(threads, 0, at, text, at);
      if (threads.count === 0 && found[0] >= 0) break;
      if ((steps.left -= 1) < 0)
        throw new TokenizerError(`tokenizer: the pattern ${JSON.stringify(this.#source.slice(0, 100))} reads the text again and again`);
      const code = text.codePointAt(at) ?? -1;
      const after = at + (code > 0xffff ? 2 : 1);
      following.clear();
      for (let i = 0; i < threads.count; i++) {
        const instruction = this.#program[threads.places[i] as number] as Instruction;
        const begin = threads.begins[i] as number;
        if (instruction.kind === "match") {
          found = [begin, at];
          break; // what follows in the list is less preferred
        }
        if (instruction.kind === "character" && code >= 0 && instruction.test(code)) {
          this.#add(following, (threads.places[i] as number) + 1, begin, text, after);
        }
      }
      [threads, following] = [following, threads];
      at = after;
    }
    return found;
  }

  /** A thread, and those that it forks into before it reads a character. */
  #add(threads: Threads, place: number, begin: number, text: string, at: number): void {
    const open = [place];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (!threads.visit(next)) continue;
      const instruction = this.#program[next] as Instruction;
      if (instruction.kind === "fork") open.push(instruction.second, instruction.first);
      else if (instruction.kind === "assert") {
        if (instruction.holds(text, at)) open.push(next + 1);
      } else threads.push(next, begin);
    }
  }

  #emit(instruction: Instruction): number {
    if (this.#program.length >= mostInstructions) {
      throw new TokenizerError(`tokenizer: the pattern ${JSON.stringify(this.#source.slice(0, 100))}… is too large`);
    }
    return this.#program.push(instruction) - 1;
  }

  #compile(node: PatternNode): void {
    switch (node.kind) {
      case "character":
        this.#emit({ kind: "character", test: node.test });
        return;
      case "assert":
        this.#emit({ kind: "assert", holds: node.holds });
        return;
      case "sequence":
        for (const item of node.items) this.#compile(item);
        return;
      case "choice":
        this.#choose(node.items);
        return;
      case "repeat":
        this.#repeat(node);
    }
  }

  #choose(items: readonly PatternNode[]): void {
    const [first, ...others] = items;
    if (!first) return;
    if (others.length === 0) {
      this.#compile(first);
      return;
    }
    const fork = this.#emit({ kind: "match" }); // its place; what it is follows
    this.#compile(first);
    const leave = this.#emit({ kind: "match" });
    this.#program[fork] = { kind: "fork", first: fork + 1, second: this.#program.length };
    this.#choose(others);
    this.#program[leave] = { kind: "fork", first: this.#program.length, second: this.#program.length };
  }

  #repeat({ item, least, most, isLazy }: Extract<PatternNode, { kind: "repeat" }>): void {
    for (let i = 0; i < least; i++) this.#compile(item);
    const fork = (enter: number, leave: number): Instruction =>
      isLazy ? { kind: "fork", first: leave, second: enter } : { kind: "fork", first: enter, second: leave };
    if (most === Infinity) {
      const start = this.#emit({ kind: "match" });
      this.#compile(item);
      this.#emit({ kind: "fork", first: start, second: start });
      this.#program[start] = fork(start + 1, this.#program.length);
      return;
    }
    const starts: number[] = [];
    for (let i = least; i < most; i++) {
      starts.push(this.#emit({ kind: "match" }));
      this.#compile(item);
    }
    for (const start of starts) this.#program[start] = fork(start + 1, this.#program.length);
  }
}

/** Threads in order of preference, each place of the program once. */
class Threads {
  count = 0;
  /** Of each thread, where in the program it stands, and where in the text it began. */
  readonly places: Int32Array;
  readonly begins: Int32Array;
  readonly #visited: Int32Array;
  #round = 1;

  constructor(size: number) {
    this.places = new Int32Array(size);
    this.begins = new Int32Array(size);
    this.#visited = new Int32Array(size);
  }

  clear(): void {
    this.count = 0;
    this.#round++;
  }

  /** Whether a place is visited for the first time. */
  visit(place: number): boolean {
    if (this.#visited[place] === this.#round) return false;
    this.#visited[place] = this.#round;
    return true;
  }

  push(place: number, begin: number): void {
    this.places[this.count] = place;
    this.begins[this.count] = begin;
    this.count++;
  }
}

const characterLength = (text: string, at: number): number => ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
