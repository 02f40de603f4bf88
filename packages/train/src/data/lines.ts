import { ArgumentError } from "@x/layers";
import type { SourceFile } from "@x/layers/model";
import { fileIn, type FileLocation } from "./source.ts";

/**
 * The objects of a file that has one in each line (JSONL), as it is read: for datasets that don't fit into memory. It can be walked through again.
 * @throws ArgumentError naming the line that is no JSON object
 */
export function jsonLines<Example extends object>(where: FileLocation): AsyncIterable<Example> {
  return {
    async *[Symbol.asyncIterator]() {
      const file = await fileIn(where);
      let number = 0;
      for await (const line of linesOf(file)) {
        number++;
        if (line.trim() !== "") yield parsed<Example>(line, file, number);
      }
    },
  };
}

/** The same as a list. */
export async function readJsonLines<Example extends object>(where: FileLocation): Promise<Example[]> {
  const examples: Example[] = [];
  for await (const example of jsonLines<Example>(where)) examples.push(example);
  return examples;
}

function parsed<Example extends object>(line: string, { label }: SourceFile, number: number): Example {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new ArgumentError(label, "every line is a JSON object", `line ${number} is ${line.slice(0, 60)}`);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Example;
  throw new ArgumentError(label, "every line is a JSON object", `line ${number} is ${line.slice(0, 60)}`);
}

/** Most characters of a line. */
const longest = 2 ** 26;

async function* linesOf(file: SourceFile): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decoded = (bytes: Uint8Array = new Uint8Array(), options = {}): string => {
    try {
      return decoder.decode(bytes, options);
    } catch {
      const [whole = ""] = new TextDecoder().decode(bytes).split("\uFFFD");
      throw new ArgumentError(file.label, "texts are UTF-8", `line ${number + whole.split("\n").length - 1} isn't`);
    }
  };
  let number = 1;
  let begun: string[] = []; // pieces of a line whose end hasn't come
  for await (const chunk of file.stream(0, file.size)) {
    const lines = decoded(chunk, { stream: true }).split("\n");
    for (const end of lines.slice(0, -1)) {
      yield [...begun, end].join("");
      begun = [];
      number++;
    }
    begun.push(lines.at(-1) ?? "");
    if (begun.reduce((sum, { length }) => sum + length, 0) > longest)
      throw new ArgumentError(file.label, `a line has at most ${longest} characters`, `line ${number} has more`);
  }
  const last = [...begun, decoded()].join("");
  if (last !== "") yield last;
}
