/** Many short texts from one book: seven words of it, each begun a word further on; behind the book's end eight, then nine. */
export function* textsOf(book: string, total: number): Generator<{ readonly id: number; readonly text: string }, void, void> {
  const words = book.split(/\s+/);
  for (let id = 0; id < total; id++) {
    const [length, begin] = [7 + Math.floor(id / words.length), id % words.length];
    yield { id, text: words.slice(begin, begin + length).join(" ") };
  }
}
