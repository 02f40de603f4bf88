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

async function* linesOf(file: SourceFile): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  for await (const chunk of file.stream(0, file.size)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}
