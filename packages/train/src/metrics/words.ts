/** Whatever Python's `str.split` and `str.rstrip` call a space: separators of ASCII and U+0085, too, but no byte order mark. */
const SPACES = "[\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";

/** What stands between spaces. */
export const wordsOf = (text: string): string[] => text.split(new RegExp(SPACES)).filter((word) => word !== "");

export const trimmedEnd = (text: string): string => text.replace(new RegExp(`${SPACES}$`), "");
