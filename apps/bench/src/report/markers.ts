/** Text between two comments of a Markdown file that people write by hand otherwise. */
const begin = (name: string): string => `<!-- ${name}: begin -->`;
const end = (name: string): string => `<!-- ${name}: end -->`;

/** @throws Error when the document hasn't both comments, in this order */
export function between(document: string, name: string, content: string): string {
  const [from, to] = [document.indexOf(begin(name)), document.indexOf(end(name))];
  if (from < 0 || to < from) throw new Error(`the document should hold ${begin(name)} and, after it, ${end(name)}`);
  return `${document.slice(0, from)}${begin(name)}\n\n${content.trim()}\n\n${document.slice(to)}`;
}
