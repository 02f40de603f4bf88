/** Writes what parse.ts found as TypeScript: the kernels' face, and beside it what the WebAssembly module itself takes. */
import { type Assembly, choiceOf, type Enumeration, type Kernel, type Length, type Parameter } from "./parse.ts";

const HEADER = "Written by build-wasm.mjs from the assembly sources.";

/** src/generated/kernels.ts */
export function emitKernels({ kernels, lengths, enumerations }: Assembly): string {
  const code = [...lengths.map(lengthOf), choicesOf(enumerations), facesOf(kernels)].join("\n");
  const helpers = [
    ["ceilDivide", "const ceilDivide = (a: number, b: number): number => Math.ceil(a / b);"],
    ["roundUp", "const roundUp = (n: number, multiple: number): number => Math.ceil(n / multiple) * multiple;"],
  ].filter(([name]) => code.includes(`${name}(`));
  const imports = [`import type { Operand } from "../block.ts";`, `import type { Choices, Launch, Launcher } from "../launcher.ts";`];
  return `/** The kernels, by name and with named arguments. ${HEADER} */
${imports.join("\n")}

${helpers.map(([, text]) => `${text}\n`).join("")}
${enumerations.map(unionOf).join("\n")}
/** Every kernel. Lengths and strides count elements. Operands must lie in the memory of the core that the kernels belong to. */
export interface Kernels {
${kernels.map(memberOf).join("\n")}
}

${code}`;
}

/** src/generated/static-end.ts */
export const emitStaticEnd = (staticEnd: number): string =>
  `/** First address above the kernels' static data. ${HEADER} */\nexport const STATIC_END: number = ${staticEnd};\n`;

/** What an operand holds: its type here, and launcher.ts's letter for it. */
const contents: Readonly<Record<string, readonly [type: string, letter: string]>> = {
  Floats: ['"float32"', "f"],
  Ints: ['"int32"', "i"],
  Bytes: ['"uint8"', "b"],
  Words: ['"float32" | "int32"', "w"],
};

/** Of an operand: what it holds, and whether it may be missing and is written. */
function operandOf(alias: string): { type: string; letter: string; isOptional: boolean; isWritten: boolean } {
  const [, optional, content = "", out] = /^(Optional)?([A-Z][a-z]+?)(Out)?$/.exec(alias) ?? [];
  const [type, letter] = contents[content] ?? ["", ""];
  return { type, letter, isOptional: optional !== undefined, isWritten: out !== undefined };
}

const docstring = (text: readonly string[], indent: string): string =>
  text.length === 1
    ? `${indent}/** ${text[0]} */\n`
    : `${indent}/**\n${text.map((line) => `${indent} * ${line}`.trimEnd()).join("\n")}\n${indent} */\n`;

const camelCase = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

/** None, if there is one, comes first and isn't named: leaving the argument out means it, where that may be. */
const namesOf = ({ members }: Enumeration): string[] => members.filter((member) => member !== "None").map(camelCase);

const unionOf = (enumeration: Enumeration): string =>
  `export type ${enumeration.name} = ${namesOf(enumeration)
    .map((name) => `"${name}"`)
    .join(" | ")};\n`;

const choicesOf = (enumerations: readonly Enumeration[]): string =>
  `const choices: Choices = {\n${enumerations
    .map(({ name, members }) => `  ${name}: [${members.map((member) => `"${member === "None" ? "" : camelCase(member)}"`).join(", ")}],\n`)
    .join("")}};\n`;

const lengthOf = ({ name, text, parameters, value }: Length): string =>
  `${docstring(text, "")}export const ${name} = (${parameters.map((parameter) => `${parameter}: number`).join(", ")}): number => ${value};\n`;

function memberOf({ name, text, parameters, extra }: Kernel): string {
  const fields = [
    ...parameters.map((parameter) => `    readonly ${fieldOf(parameter)};\n`),
    ...extra.map((argument) => `    readonly ${argument}: number;\n`),
  ];
  return `${docstring(text, "  ")}  ${name}(call: {\n${fields.join("")}  }): void;`;
}

function fieldOf({ name, kind, type }: Parameter): string {
  if (kind === "number") return `${name}: number`;
  if (kind === "flag") return `${name}: boolean`;
  if (kind === "choice") {
    const choice = choiceOf(type);
    return choice.isOptional ? `${name}?: ${choice.name} | undefined` : `${name}: ${choice.name}`;
  }
  const operand = operandOf(type);
  return operand.isOptional ? `${name}?: Operand<${operand.type}> | undefined` : `${name}: Operand<${operand.type}>`;
}

/** For each kernel its parameters, and a function that says what one call takes. */
function facesOf(kernels: readonly Kernel[]): string {
  return `const faces: { readonly [K in keyof Kernels]: readonly [parameters: string, run: (call: Parameters<Kernels[K]>[0], launch: Launch) => void] } = {
${kernels.map(faceOf).join("\n")}
};

/** The kernels of a core. */
export const kernelsOf = (launcher: Launcher): Kernels => {
  const entries = Object.entries<readonly [parameters: string, run: (call: never, launch: Launch) => void]>(faces);
  const bound = entries.map(([name, [parameters, run]]) => {
    const launch = launcher.bind(name, parameters, choices);
    return [name, (call: never) => run(call, launch)];
  });
  return Object.fromEntries(bound) as object as Kernels;
};
`;
}

function faceOf({ name, parameters, units, cost, scratch }: Kernel): string {
  const rest = scratch ? `, ${scratch}` : "";
  const launch = (written: string): string => `launch(call, ${written}, ${cost}${rest})`;
  const body = /\bunits\b/.test(cost) ? `{ const units = ${units}; ${launch("units")}; }` : launch(units);
  return `  ${name}: ["${parameters.map(signatureOf).join(" ")}", (call, launch) => ${body}],`;
}

/** As launcher.ts has it. */
function signatureOf({ name, kind, type }: Parameter): string {
  if (kind === "choice") return `${name}:${choiceOf(type).name}${choiceOf(type).isOptional ? "?" : ""}`;
  if (kind !== "operand") return name;
  const { letter, isOptional, isWritten } = operandOf(type);
  return `${name}:${isWritten ? letter.toUpperCase() : letter}${isOptional ? "?" : ""}`;
}
