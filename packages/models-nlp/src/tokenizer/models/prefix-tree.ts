import { TokenizerError } from "../stages/tokenizer-error.ts";
import { PairTable } from "./pair-table.ts";

/** Longer tokens would make the time that a text takes grow with the file. */
const longest = 1000;

/** @throws TokenizerError when it is longer than 1000 units */
export function checkTokenLength(token: string): void {
  if (token.length <= longest) return;
  throw new TokenizerError(
    `tokenizer: a token has ${token.length} characters, more than ${longest}: ${JSON.stringify(token.slice(0, 20))}…`,
  );
}

/** Tokens by their UTF-16 units, to find all that a text has at a place. */
export class PrefixTree {
  readonly #children: PairTable;
  /** Of each node, the token that ends there; −1 where none does. */
  readonly #values: number[] = [-1];

  /** @throws TokenizerError when a token is longer than 1000 units */
  constructor(tokens: Iterable<readonly [token: string, value: number]>) {
    this.#children = new PairTable(1024);
    for (const [token, value] of tokens) {
      if (token === "") continue;
      checkTokenLength(token);
      this.#values[this.#nodeOf(token)] = value;
    }
  }

  #nodeOf(token: string): number {
    let node = 0;
    for (let i = 0; i < token.length; i++) {
      const unit = token.charCodeAt(i);
      let child = this.#children.get(node, unit);
      if (child < 0) {
        child = this.#values.push(-1) - 1;
        this.#children.set(node, unit, child);
      }
      node = child;
    }
    return node;
  }

  /** The node that a text leads to, from another on; −1 where no token goes on so. */
  step(node: number, unit: number): number {
    return this.#children.get(node, unit);
  }

  /** The node of a text that tokens begin with; −1 when none does. */
  find(text: string): number {
    let node = 0;
    for (let i = 0; i < text.length && node >= 0; i++) node = this.#children.get(node, text.charCodeAt(i));
    return node;
  }

  /** The value of the token that ends at a node; −1 when none does. */
  valueAt(node: number): number {
    return this.#values[node] as number;
  }

  /** Where the longest token that stands at `begin` ends, from a node on; −1 when none stands there. */
  longestEnd(text: string, begin: number, from = 0): number {
    let end = -1;
    let node = from;
    for (let i = begin; i < text.length; i++) {
      node = this.#children.get(node, text.charCodeAt(i));
      if (node < 0) break;
      if ((this.#values[node] as number) >= 0) end = i + 1;
    }
    return end;
  }
}
