/** Length of the longest key, in UTF-16 units: how far a search for tokens needs to look. */
export function longestKey(tokens: ReadonlyMap<string, unknown>): number {
  let longest = 0;
  for (const token of tokens.keys()) longest = Math.max(longest, token.length);
  return longest;
}
