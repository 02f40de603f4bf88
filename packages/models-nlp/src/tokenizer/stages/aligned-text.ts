/** A text that remembers, for each of its UTF-16 units, which stretch [begin, end) of the original text it came from. */
export class AlignedText {
  readonly text: string;
  /** Of all units of the text that this one is a stretch of. */
  readonly #begins: readonly number[];
  readonly #ends: readonly number[];
  /** Where in them this text begins. */
  readonly #start: number;

  constructor(text: string, begins: readonly number[], ends: readonly number[], start = 0) {
    this.text = text;
    this.#begins = begins;
    this.#ends = ends;
    this.#start = start;
  }

  /** The stretch of an original text that begins at `offset`, as it stands. Both halves of a surrogate pair come from the whole pair. */
  static of(text: string, offset = 0): AlignedText {
    const builder = new AlignedTextBuilder();
    let begin = offset;
    for (const character of text) {
      builder.add(character, begin, begin + character.length);
      begin += character.length;
    }
    return builder.build();
  }

  get length(): number {
    return this.text.length;
  }

  /** Where the units [begin, end) came from. */
  origin(begin: number, end: number): [begin: number, end: number] {
    const first = this.#begins[this.#start + begin] ?? this.#ends.at(-1) ?? 0;
    return [first, end > begin ? (this.#ends[this.#start + end - 1] ?? first) : first];
  }

  slice(begin: number, end: number = this.length): AlignedText {
    return new AlignedText(this.text.slice(begin, end), this.#begins, this.#ends, this.#start + begin);
  }

  /** Each match of a global pattern becomes `content`, which comes from where the match's last character came from. */
  replace(pattern: RegExp, content: string): AlignedText {
    return this.#rewrite(
      pattern,
      () => content,
      (begin, end) => [Math.max(begin, end - 1), end],
    );
  }

  /** Each match of a global pattern becomes what `change` says, "" to leave it out, which comes from where the whole match came from. */
  map(pattern: RegExp, change: (match: string) => string): AlignedText {
    return this.#rewrite(pattern, change, (begin, end) => [begin, end]);
  }

  #rewrite(pattern: RegExp, change: (match: string) => string, from: (begin: number, end: number) => [number, number]): AlignedText {
    const builder = new AlignedTextBuilder();
    let at = 0;
    let isChanged = false;
    for (const { 0: match, index } of this.text.matchAll(pattern)) {
      isChanged = true;
      builder.append(this, at, index);
      at = index + match.length;
      builder.add(change(match), ...this.origin(...from(index, at)));
    }
    if (!isChanged) return this;
    builder.append(this, at);
    return builder.build();
  }

  /** `content` before the text, said to come from where the first character came from. An empty text stays empty. */
  prepend(content: string): AlignedText {
    if (this.length === 0) return this;
    const builder = new AlignedTextBuilder();
    builder.add(content, ...this.origin(0, 1));
    builder.append(this);
    return builder.build();
  }
}

/** Puts an aligned text together, piece by piece. */
export class AlignedTextBuilder {
  readonly #parts: string[] = [];
  readonly #begins: number[] = [];
  readonly #ends: number[] = [];

  /** `text`, all of which came from [begin, end). */
  add(text: string, begin: number, end: number): void {
    this.#parts.push(text);
    for (let i = 0; i < text.length; i++) {
      this.#begins.push(begin);
      this.#ends.push(end);
    }
  }

  /** The units [begin, end) of another. */
  append(text: AlignedText, begin = 0, end: number = text.length): void {
    this.#parts.push(text.text.slice(begin, end));
    for (let i = begin; i < end; i++) {
      const [from, to] = text.origin(i, i + 1);
      this.#begins.push(from);
      this.#ends.push(to);
    }
  }

  build(): AlignedText {
    return new AlignedText(this.#parts.join(""), this.#begins, this.#ends);
  }
}
