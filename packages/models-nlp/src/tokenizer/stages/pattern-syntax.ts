/** Oniguruma's regular expressions, as tokenizers write them: read into a tree. What needs a memory (back references, look-around of more than a character) isn't there. */
import { TokenizerError } from "./tokenizer-error.ts";
import { characterTest, type CharacterTest, classes, controls, isWordAt, literal, propertyOf, testAt } from "./character-class.ts";

export type PatternNode =
  | { readonly kind: "character"; readonly test: CharacterTest }
  | { readonly kind: "sequence" | "choice"; readonly items: readonly PatternNode[] }
  | {
      readonly kind: "repeat";
      readonly item: PatternNode;
      readonly least: number;
      readonly most: number;
      /** Whether as few as possible are preferred. */
      readonly isLazy: boolean;
    }
  | { readonly kind: "assert"; readonly holds: (text: string, at: number) => boolean };

/** Read from `{3,}` and the like. */
const mostRepeats = 1000;
const mostNested = 100;

/** @throws TokenizerError when it isn't one, or asks for more than is here */
export function readPattern(source: string): PatternNode {
  return new PatternReader(source).read();
}

class PatternReader {
  readonly #source: string;
  #at = 0;
  #depth = 0;
  /** Whether case is ignored: within `(?i:…)`, or from `(?i)` on. */
  #ignoresCase = false;
  readonly #tests: Map<string, CharacterTest> = new Map();

  constructor(source: string) {
    this.#source = source;
  }

  read(): PatternNode {
    const node = this.#choice();
    if (this.#at < this.#source.length) throw this.#error("a ) without its (");
    return node;
  }

  #choice(): PatternNode {
    if (++this.#depth > mostNested) throw this.#error(`groups nested more than ${mostNested} deep`);
    const items = [this.#sequence()];
    while (this.#take("|")) items.push(this.#sequence());
    this.#depth--;
    return items.length === 1 ? (items[0] as PatternNode) : { kind: "choice", items };
  }

  #sequence(): PatternNode {
    const items: PatternNode[] = [];
    while (this.#at < this.#source.length && !this.#sees("|") && !this.#sees(")")) items.push(this.#repeated(this.#item()));
    return items.length === 1 ? (items[0] as PatternNode) : { kind: "sequence", items };
  }

  #repeated(item: PatternNode): PatternNode {
    let node = item;
    for (let bounds = this.#bounds(); bounds; bounds = this.#bounds()) {
      const [least, most] = bounds;
      const isLazy = this.#take("?");
      const isPossessive = !isLazy && !bounds[2] && this.#take("+");
      const repeat: PatternNode = { kind: "repeat", item: node, least, most, isLazy };
      node = isPossessive ? possessive(repeat, node, () => this.#error("a possessive repeat of more than a character")) : repeat;
    }
    return node;
  }

  /** How often; the last says whether in numbers. */
  #bounds(): readonly [least: number, most: number, inNumbers: boolean] | undefined {
    if (this.#take("*")) return [0, Infinity, false];
    if (this.#take("+")) return [1, Infinity, false];
    if (this.#take("?")) return [0, 1, false];
    const [whole, low = "", comma, high = ""] = /^\{(\d*)(,?)(\d*)\}/.exec(this.#source.slice(this.#at, this.#at + 20)) ?? [];
    if (whole === undefined || (low === "" && high === "")) return undefined;
    this.#at += whole.length;
    const least = Number(low);
    const most = comma === "" ? least : high === "" ? Infinity : Number(high);
    if (least > mostRepeats || (most !== Infinity && most > mostRepeats) || least > most) throw this.#error(`${whole}, which is too often`);
    return [least, most, true];
  }

  #item(): PatternNode {
    const character = this.#next();
    switch (character) {
      case "(":
        return this.#group();
      case "[":
        return this.#character(this.#brackets());
      case ".":
        return this.#character("[^\\n]");
      case "^":
        return { kind: "assert", holds: (text, at) => at === 0 || (text[at - 1] === "\n" && at < text.length) };
      case "$":
        return { kind: "assert", holds: (text, at) => at === text.length || text[at] === "\n" };
      case "\\":
        return this.#escape();
      case "*":
      case "+":
      case "?":
        throw this.#error(`a ${character} without anything to repeat`);
      default:
        return this.#ignoresCase ? this.#character(`[${literal(character)}]`) : exactly(character);
    }
  }

  #escape(): PatternNode {
    const letter = this.#next();
    switch (letter) {
      case "A":
        return { kind: "assert", holds: (_, at) => at === 0 };
      case "z":
        return { kind: "assert", holds: (text, at) => at === text.length };
      case "Z":
        return { kind: "assert", holds: (text, at) => at === text.length || (at === text.length - 1 && text[at] === "\n") };
      case "b":
      case "B":
        return { kind: "assert", holds: (text, at) => (isWordAt(text, at - 1) !== isWordAt(text, at)) === (letter === "b") };
      case "W":
      case "H":
        return this.#character(`[^${classes[letter.toLowerCase()]}]`);
      default:
        return this.#character(`[${this.#inClass(letter)}]`);
    }
  }

  /** What a letter behind a backslash means inside brackets. */
  #inClass(letter: string): string {
    const known = classes[letter] ?? controls[letter];
    if (known !== undefined) return known;
    const rest = this.#source.slice(this.#at, this.#at + 60);
    const [shape] =
      letter === "p" || letter === "P"
        ? (/^\{\^?[\w=]+\}/.exec(rest) ?? [])
        : letter === "x"
          ? (/^([\da-fA-F]{1,2}|\{[\da-fA-F]{1,6}\})/.exec(rest) ?? [])
          : letter === "u"
            ? (/^[\da-fA-F]{4}/.exec(rest) ?? [])
            : [];
    if (shape !== undefined) {
      this.#at += shape.length;
      if (letter === "x" || letter === "u") return `\\u{${shape.replace(/[{}]/g, "")}}`;
      const isInverted = shape.startsWith("{^") !== (letter === "P");
      return `\\${isInverted ? "P" : "p"}{${propertyOf(shape.replace(/[{^}]/g, ""))}}`;
    }
    if (/[a-zA-Z0-9]/.test(letter)) throw this.#error(`\\${letter}`);
    return literal(letter);
  }

  /** Behind "[": a class, as JavaScript writes it. */
  #brackets(): string {
    let written = this.#take("^") ? "[^" : "[";
    for (let isFirst = true; ; isFirst = false) {
      const character = this.#next();
      if (character === "]" && !isFirst) return `${written}]`;
      if (character === "[" || (character === "&" && this.#sees("&"))) throw this.#error("a class within a class");
      if (character === "\\") {
        const letter = this.#next();
        if (letter === "W" || letter === "H") throw this.#error(`\\${letter} within a class`);
        written += this.#inClass(letter);
      } else if (character === "-") written += this.#sees("]") || isFirst ? "\\-" : "-";
      else written += literal(character);
    }
  }

  /** Behind "(". */
  #group(): PatternNode {
    const [, flags, sign] = /^\?(?:(i?-?[imsx]*)(:|\))|)/.exec(this.#source.slice(this.#at, this.#at + 10)) ?? [];
    const before = this.#ignoresCase;
    if (this.#sees("?") && sign !== undefined && /^(i?)(-[i]?)?$/.test(flags ?? "")) {
      this.#at += 2 + (flags ?? "").length;
      if (flags !== "") this.#ignoresCase = !(flags ?? "").includes("-i");
      if (sign === ")") return { kind: "sequence", items: [] };
      return this.#closed(before);
    }
    if (!this.#sees("?")) return this.#closed(before);
    const [look] = /^\?<?[=!]/.exec(this.#source.slice(this.#at, this.#at + 3)) ?? [];
    if (look === undefined) throw this.#error(`(${this.#source.slice(this.#at, this.#at + 3)}…`);
    this.#at += look.length;
    const seen = oneCharacter(this.#closed(before));
    if (!seen) throw this.#error("a look around at more than a character");
    const isBehind = look.includes("<");
    const wants = look.endsWith("=");
    return { kind: "assert", holds: (text, at) => testAt(seen, text, isBehind ? at - 1 : at, isBehind) === wants };
  }

  #closed(ignoresCase: boolean): PatternNode {
    const node = this.#choice();
    if (!this.#take(")")) throw this.#error("a ( without its )");
    this.#ignoresCase = ignoresCase;
    return node;
  }

  /** A character of a class that JavaScript understands. */
  #character(written: string): PatternNode {
    const key = `${this.#ignoresCase ? "i" : ""}${written}`;
    let test = this.#tests.get(key);
    if (!test) {
      test = characterTest(this.#expression(written));
      this.#tests.set(key, test);
    }
    return { kind: "character", test };
  }

  #expression(written: string): RegExp {
    try {
      return new RegExp(`^${written}$`, this.#ignoresCase ? "iu" : "u");
    } catch (cause) {
      throw new TokenizerError(`tokenizer: the pattern ${this.#shown()} can't be followed here: ${written.slice(0, 100)} is no class`, {
        cause,
      });
    }
  }

  #sees(character: string): boolean {
    return this.#source[this.#at] === character;
  }

  #take(character: string): boolean {
    const isThere = this.#sees(character);
    if (isThere) this.#at++;
    return isThere;
  }

  /** @throws TokenizerError at the end */
  #next(): string {
    const code = this.#source.codePointAt(this.#at);
    if (code === undefined) throw this.#error("an end too early");
    const character = String.fromCodePoint(code);
    this.#at += character.length;
    return character;
  }

  #error(what: string): TokenizerError {
    return new TokenizerError(`tokenizer: the pattern ${this.#shown()} can't be followed here: it has ${what}`);
  }

  #shown(): string {
    return JSON.stringify(this.#source.length > 100 ? `${this.#source.slice(0, 100)}…` : this.#source);
  }
}

function exactly(character: string): PatternNode {
  const wanted = character.codePointAt(0);
  return { kind: "character", test: (code) => code === wanted };
}

/** A repeat that gives nothing back: of one character, it ends where no further one follows. */
function possessive(repeat: Extract<PatternNode, { kind: "repeat" }>, item: PatternNode, error: () => TokenizerError): PatternNode {
  const test = oneCharacter(item);
  if (!test || (repeat.most !== Infinity && repeat.most !== 1)) throw error();
  const ends: PatternNode = { kind: "assert", holds: (text, at) => !testAt(test, text, at, false) };
  if (repeat.most === Infinity) return { kind: "sequence", items: [repeat, ends] };
  return { kind: "choice", items: [item, ends] };
}

/** The test of a node that is one character; undefined of any other. */
function oneCharacter(node: PatternNode): CharacterTest | undefined {
  if (node.kind === "character") return node.test;
  if (node.kind !== "choice") return undefined;
  const tests = node.items.map(oneCharacter);
  return tests.every((test) => test !== undefined) ? (code) => tests.some((test) => test(code)) : undefined;
}
