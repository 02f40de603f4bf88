/** What a tag may compute with: sums and products of whole numbers, constants of the assembly sources, and a few functions. */

/** Functions, as JavaScript calls them in the generated file. */
const functions: ReadonlyMap<string, string> = new Map([
  ["ceilDivide", "ceilDivide"],
  ["roundUp", "roundUp"],
  ["floor", "Math.floor"],
  ["log2", "Math.log2"],
  ["max", "Math.max"],
  ["min", "Math.min"],
]);

export interface Names {
  /** A constant as JavaScript, if there is one of that name. */
  constant(name: string): string | undefined;
  /** Whether a `@length` of that name is in reach. */
  isLength(name: string): boolean;
  /** Any other name as JavaScript; throws where it may not stand. */
  variable(name: string): string;
}

/**
 * Checks an expression, sum := product (+|- product)*, product := factor (*|/ factor)*, and writes it as JavaScript, with its constants in place.
 * @throws SyntaxError when it isn't one, or calls an unknown function
 */
export function translate(text: string, names: Names): string {
  const tokens = text.match(/[A-Za-z_]\w*|\d+(?:\.\d+)?|[-+*/(),]|\S/g) ?? [];
  let at = 0;
  const take = (expected: string): string => {
    if (tokens[at] !== expected) throw new SyntaxError(`expected ${expected} instead of ${tokens[at] ?? "the end"} in "${text}"`);
    at++;
    return expected;
  };

  const sum = (): string => {
    let written = product();
    while (tokens[at] === "+" || tokens[at] === "-") written += ` ${tokens[at++]} ${product()}`;
    return written;
  };
  const product = (): string => {
    let written = factor();
    while (tokens[at] === "*" || tokens[at] === "/") written += ` ${tokens[at++]} ${factor()}`;
    return written;
  };
  const factor = (): string => {
    const token = tokens[at++] ?? "";
    if (token === "(") return `(${sum()}${take(")")}`;
    if (/^\d/.test(token)) return token;
    if (!/^[A-Za-z_]/.test(token)) throw new SyntaxError(`expected a number or a name instead of ${token || "the end"} in "${text}"`);
    if (tokens[at] === "(") return call(token);
    return names.constant(token) ?? names.variable(token);
  };
  const call = (name: string): string => {
    const written = functions.get(name) ?? (names.isLength(name) ? name : undefined);
    if (!written) throw new SyntaxError(`there is no function ${name}, in "${text}"`);
    take("(");
    const values = [sum()];
    while (tokens[at] === ",") {
      at++;
      values.push(sum());
    }
    return `${written}(${values.join(", ")}${take(")")}`;
  };

  const written = sum();
  if (at < tokens.length) throw new SyntaxError(`expected the end instead of ${tokens[at]} in "${text}"`);
  return written;
}
