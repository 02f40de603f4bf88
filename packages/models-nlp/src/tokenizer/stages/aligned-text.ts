import { endsStep, type Steps } from "./steps.ts";
import { TokenizerError } from "./tokenizer-error.ts";

/** For each UTF-16 unit of a text, the stretch [begin, end) of the original text that it came from. */
interface Origins {
  readonly begins: Int32Array;
  readonly ends: Int32Array;
}

/** A text that remembers, for each of its UTF-16 units, which stretch [begin, end) of the original text it came from. */
export class AlignedText {
  readonly text: string;
  /** Of all units of the text that this one is a stretch of; undefined of one that stands as it came. */
  readonly #origins: Origins | undefined;
  /** Where in them, or in the original, this text begins. */
  readonly #start: number;
  /** Most units that it may become: rules that write more than they read can't take all memory. */
  readonly #most: number;

  constructor(text: string, origins: Origins | undefined, start: number, most: number) {
    this.text = text;
    this.#origins = origins;
    this.#start = start;
    this.#most = most;
  }

  /** The stretch of an original text that begins at `offset`, as it stands. Both halves of a surrogate pair come from the whole pair. */
  static of(text: string, offset = 0): AlignedText {
    return new AlignedText(text, undefined, offset, 32 * text.length + 10_000);
  }

  get length(): number {
    return this.text.length;
  }

  /** Where the units [begin, end) came from. */
  origin(begin: number, end: number): [begin: number, end: number] {
    const first = this.#beginOf(begin);
    return [first, end > begin ? this.#endOf(end - 1) : first];
  }

  /** Where each of the units [begin, end) came from. */
  copyOrigins(begin: number, end: number, begins: Int32Array, ends: Int32Array): void {
    if (this.#origins && this.#start + end <= this.#origins.begins.length) {
      begins.set(this.#origins.begins.subarray(this.#start + begin, this.#start + end));
      ends.set(this.#origins.ends.subarray(this.#start + begin, this.#start + end));
      return;
    }
    for (let unit = begin; unit < end; unit++) {
      begins[unit - begin] = this.#beginOf(unit);
      ends[unit - begin] = this.#endOf(unit);
    }
  }

  #beginOf(unit: number): number {
    if (!this.#origins) return this.#start + Math.min(unit, this.length) - (unit < this.length && isPairBefore(this.text, unit) ? 1 : 0);
    const { begins, ends } = this.#origins;
    return begins[this.#start + unit] ?? ends.at(-1) ?? 0;
  }

  #endOf(unit: number): number {
    if (!this.#origins) return this.#start + unit + 1 + (isPairBefore(this.text, unit + 1) ? 1 : 0);
    return this.#origins.ends[this.#start + unit] ?? this.#beginOf(unit);
  }

  slice(begin: number, end: number = this.length): AlignedText {
    return new AlignedText(this.text.slice(begin, end), this.#origins, this.#start + begin, this.#most);
  }

  /** Each match of a global pattern becomes `content`, which comes from where the match's last character came from. */
  replace(pattern: Pattern, content: string): Steps<AlignedText> {
    return this.#rewrite(
      pattern,
      () => content,
      (begin, end) => [Math.max(begin, end - 1), end],
    );
  }

  /** Each match of a global pattern becomes what `change` says, "" to leave it out, which comes from where the whole match came from. */
  map(pattern: Pattern, change: (match: string) => string): Steps<AlignedText> {
    return this.#rewrite(pattern, change, (begin, end) => [begin, end]);
  }

  *#rewrite(
    pattern: Pattern,
    change: (match: string) => string,
    from: (begin: number, end: number) => [number, number],
  ): Steps<AlignedText> {
    const builder = this.builder();
    let at = 0;
    let matches = 0;
    for (const { 0: match, index } of pattern[Symbol.matchAll](this.text)) {
      if (endsStep(matches++)) yield;
      builder.append(this, at, index);
      at = index + match.length;
      builder.add(change(match), ...this.origin(...from(index, at)));
    }
    if (matches === 0) return this;
    builder.append(this, at);
    return builder.build();
  }

  /** `content` before the text, said to come from where the first character came from. An empty text stays empty. */
  prepend(content: string): AlignedText {
    if (this.length === 0) return this;
    const builder = this.builder();
    builder.add(content, ...this.origin(0, 1));
    builder.append(this);
    return builder.build();
  }

  /** Builds what this text becomes. */
  builder(): AlignedTextBuilder {
    return new AlignedTextBuilder(this.#most);
  }
}

/** What finds stretches of a text: a global regular expression, or another of that kind. */
export interface Pattern {
  [Symbol.matchAll](text: string): Iterable<{ readonly 0: string; readonly index: number }>;
}

/** Puts an aligned text together, piece by piece. */
export class AlignedTextBuilder {
  readonly #parts: string[] = [];
  readonly #most: number;
  #begins = new Int32Array(16);
  #ends = new Int32Array(16);
  #length = 0;

  /** @param most units; more are an error */
  constructor(most: number) {
    this.#most = most;
  }

  get length(): number {
    return this.#length;
  }

  /** `text`, all of which came from [begin, end). @throws TokenizerError when the whole becomes too long */
  add(text: string, begin: number, end: number): void {
    const at = this.#grow(text.length);
    this.#parts.push(text);
    for (let i = at; i < this.#length; i++) {
      this.#begins[i] = begin;
      this.#ends[i] = end;
    }
  }

  /** The units [begin, end) of another. @throws TokenizerError when the whole becomes too long */
  append(text: AlignedText, begin = 0, end: number = text.length): void {
    if (end <= begin) return;
    const at = this.#grow(end - begin);
    this.#parts.push(text.text.slice(begin, end));
    text.copyOrigins(begin, end, this.#begins.subarray(at), this.#ends.subarray(at));
  }

  build(): AlignedText {
    return new AlignedText(
      this.#parts.join(""),
      { begins: this.#begins.subarray(0, this.#length), ends: this.#ends.subarray(0, this.#length) },
      0,
      this.#most,
    );
  }

  /** Makes room. @returns where it begins */
  #grow(units: number): number {
    const at = this.#length;
    this.#length += units;
    if (this.#length > this.#most)
      throw new TokenizerError(`tokenizer: the rules that prepare a text make it more than ${this.#most} characters long`);
    if (this.#length > this.#begins.length) {
      const room = Math.max(this.#length, 2 * this.#begins.length);
      const [begins, ends] = [new Int32Array(room), new Int32Array(room)];
      begins.set(this.#begins);
      ends.set(this.#ends);
      [this.#begins, this.#ends] = [begins, ends];
    }
    return at;
  }
}

/** Whether a position stands between the halves of a surrogate pair. */
const isPairBefore = (text: string, at: number): boolean =>
  (text.charCodeAt(at) & 0xfc00) === 0xdc00 && at > 0 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
