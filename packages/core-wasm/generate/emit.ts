/** Writes what parse.ts found as TypeScript: the kernels' face, and beside it what the WebAssembly module itself takes. */
import type { Assembly, Enumeration, Kernel, Length, Parameter } from "./parse.ts";

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
${kernels.map((kernel) => memberOf(kernel, enumerations)).join("\n")}
}

${code}`;
}

/** src/generated/static-end.ts */
export const emitStaticEnd = (staticEnd: number): string =>
  `/** First address above the kernels' static data. ${HEADER} */\nexport const STATIC_END: number = ${staticEnd};\n`;

const dtypes: Readonly<Record<string, string>> = { Floats: "float32", Ints: "int32", Bytes: "uint8" };

/** Of an operand: what it holds, and whether it may be missing and is written. */
function operandOf(type: string): { dtype: string; isOptional: boolean; isWritten: boolean } {
  const [, optional, alias = "", out] = /^(Optional)?(Floats|Ints|Bytes)(Out)?$/.exec(type) ?? [];
  return { dtype: dtypes[alias] ?? "", isOptional: optional !== undefined, isWritten: out !== undefined };
}

const docstring = (text: readonly string[], indent: string): string =>
  text.length === 1
    ? `${indent}/** ${text[0]} */\n`
    : `${indent}/**\n${text.map((line) => `${indent} * ${line}`.trimEnd()).join("\n")}\n${indent} */\n`;

const camelCase = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

/** None, if there is one, comes first and isn't named: leaving the argument out means it. */
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

function memberOf({ name, text, parameters, extra }: Kernel, enumerations: readonly Enumeration[]): string {
  const fields = [
    ...parameters.map((parameter) => `    readonly ${fieldOf(parameter, enumerations)};\n`),
    ...extra.map((argument) => `    readonly ${argument}: number;\n`),
  ];
  return `${docstring(text, "  ")}  ${name}(call: {\n${fields.join("")}  }): void;`;
}

function fieldOf({ name, kind, type }: Parameter, enumerations: readonly Enumeration[]): string {
  if (kind === "number") return `${name}: number`;
  if (kind === "flag") return `${name}: boolean`;
  if (kind === "choice") return mayBeNone(type, enumerations) ? `${name}?: ${type} | undefined` : `${name}: ${type}`;
  const { dtype, isOptional } = operandOf(type);
  return isOptional ? `${name}?: Operand<"${dtype}"> | undefined` : `${name}: Operand<"${dtype}">`;
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
  if (kind === "choice") return `${name}:${type}`;
  if (kind !== "operand") return name;
  const { dtype, isOptional, isWritten } = operandOf(type);
  const letter = dtype === "uint8" ? "b" : dtype.charAt(0);
  return `${name}:${isWritten ? letter.toUpperCase() : letter}${isOptional ? "?" : ""}`;
}

const mayBeNone = (type: string, enumerations: readonly Enumeration[]): boolean =>
  enumerations.some(({ name, members }) => name === type && members[0] === "None");
