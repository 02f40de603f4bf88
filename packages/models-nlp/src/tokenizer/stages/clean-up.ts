/** Takes out the spaces that splitting put before punctuation and in English contractions, as Hugging Face's library does. */
export function cleanUpSpaces(text: string): string {
  return text
    .replace(/ ([.?!,])/g, "$1")
    .replaceAll(" ' ", "'")
    .replace(/ (n't|'m|'s|'ve|'re)/g, "$1");
}
