import { ArgumentError } from "@x/layers";

/**
 * Two texts with a tab between them.
 * @param option what makes an input such a pair
 * @param rule what it then is, for the message
 * @throws ArgumentError when there is no tab
 */
export function pairOf(line: string, option: string, rule: string): readonly [first: string, second: string] {
  const tab = line.indexOf("\t");
  if (tab < 0) throw new ArgumentError(option, rule, "there is no tab");
  return [line.slice(0, tab), line.slice(tab + 1)];
}
