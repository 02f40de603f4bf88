/**
 * Patterns of parameter names: `{i}` stands for a number and `*` for any text. The same letters and stars are filled in on the other side
 * of a table, where `{i+1}` and `{i-1}` count on.
 */

export interface Captures {
  readonly numbers: ReadonlyMap<string, number>;
  readonly stars: readonly string[];
}

const placeholder = /\{(\w+)([+-]\d+)?\}|\*/g;

export class NamePattern {
  readonly text: string;
  readonly #regex: RegExp;

  constructor(text: string) {
    this.text = text;
    const escaped = text.replaceAll(/[.()[\]^$+?|\\]/g, String.raw`\$&`);
    this.#regex = new RegExp(`^${escaped.replaceAll(/\{\w+\}|\*/g, (match) => (match === "*" ? "(.*)" : "([0-9]{1,9})"))}$`);
  }

  /** What the placeholders stand for in `name`, or undefined when it doesn't match. A letter that comes twice must be the same number. */
  match(name: string): Captures | undefined {
    const found = this.#regex.exec(name);
    if (!found) return undefined;
    const numbers = new Map<string, number>();
    const stars: string[] = [];
    let group = 0;
    for (const [, letter] of this.text.matchAll(placeholder)) {
      const text = found[++group] ?? "";
      if (letter === undefined) stars.push(text);
      else if ((numbers.get(letter) ?? Number(text)) !== Number(text)) return undefined;
      else numbers.set(letter, Number(text));
    }
    return { numbers, stars };
  }
}

/** `text` with its placeholders filled in. */
export function fillPattern(text: string, { numbers, stars }: Captures): string {
  let star = 0;
  return text.replaceAll(placeholder, (match, letter: string | undefined, step: string | undefined) => {
    if (letter === undefined) return stars[star++] ?? match;
    const number = numbers.get(letter);
    return number === undefined ? match : String(number + Number(step ?? 0));
  });
}

/** Whether any of the patterns matches. */
export function matchesAny(patterns: readonly NamePattern[], name: string): boolean {
  return patterns.some((pattern) => pattern.match(name) !== undefined);
}
