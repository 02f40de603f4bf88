/** What is kept in docs/: the rows themselves, and what becomes of them. */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "../options.ts";
import { runtimeTitle } from "../runtimes/names.ts";
import type { Measured } from "./bars.ts";
import { type Figure, text } from "./blocks.ts";
import type { Footprint } from "./footprint.ts";
import { markdown } from "./markdown.ts";
import { between } from "./markers.ts";
import { merge } from "./merge.ts";
import { mainRuntime, overviewTable } from "./overview.ts";
import { report, title } from "./report.ts";
import type { Row } from "./rows.ts";

const repository: string = fileURLToPath(new URL("../../../../", import.meta.url));

/** Every file that publishing touches. */
const paths = (root: string) => ({
  rows: join(root, "docs/benchmarks.json"),
  footprints: join(root, "docs/footprints.json"),
  document: join(root, "docs/benchmarks.md"),
  images: join(root, "docs/images"),
  readme: join(root, "README.md"),
});

/** What has been published so far. @param root of the repository */
export async function published(root: string = repository): Promise<Measured> {
  const { rows, footprints } = paths(root);
  return { rows: await list<Row>(rows), footprints: await list<Footprint>(footprints) };
}

const list = async <Entry>(file: string): Promise<Entry[]> =>
  existsSync(file) ? (JSON.parse(await readFile(file, "utf8")) as Entry[]) : [];

/** @throws UsageError when what has been published comes from other machines than these */
export function mustShareMachine(old: Measured, machines: readonly string[]): void {
  const others = [...new Set([...old.rows, ...old.footprints].map(({ machine }) => machine))].filter(
    (machine) => !machines.includes(machine),
  );
  if (others.length === 0) return;
  throw new UsageError(
    `what has been published was measured on another machine (${others.join("; ")}); to begin anew, delete docs/benchmarks.json and docs/footprints.json`,
  );
}

/** Adds to what has been published, and writes docs/benchmarks.md, its pictures and the README's table. @throws UsageError when machines differ */
export async function publish(fresh: Measured, root: string = repository): Promise<void> {
  const old = await published(root);
  const machines = [...fresh.rows, ...fresh.footprints].map(({ machine }) => machine);
  if (machines.length > 0) mustShareMachine(old, machines);
  const { rows, footprints } = merge(old, fresh);
  const { images, ...files } = paths(root);
  await mkdir(images, { recursive: true });
  await writeFile(files.rows, lines(rows));
  await writeFile(files.footprints, lines(footprints));

  for (const name of await readdir(images)) if (/^bench-.*\.svg$/.test(name)) await rm(join(images, name));
  const pictures: Figure[] = [];
  const document = markdown(await report(rows, footprints), (figure) => {
    pictures.push(figure);
    return `![${figure.alt}](images/bench-${figure.name}.svg)`;
  });
  for (const { name, svg } of pictures) await writeFile(join(images, `bench-${name}.svg`), `${svg}\n`);
  await writeFile(files.document, `# ${title}\n\nWritten by \`pnpm bench --publish\`; see [apps/bench](../apps/bench).\n\n${document}`);
  await writeFile(files.readme, between(await readFile(files.readme, "utf8"), "bench", short({ rows, footprints })));
}

/** JSON with a line for each entry, so that differences are of lines. */
const lines = (entries: readonly unknown[]): string => `[\n${entries.map((entry) => JSON.stringify(entry)).join(",\n")}\n]\n`;

/** For the README. */
function short({ rows, footprints }: Measured): string {
  const runtime = mainRuntime(rows);
  const about = `One thread, ${runtime === undefined ? "" : `${runtimeTitle(runtime)}, `}${rows[0]?.machine ?? ""}; random weights. Others: their time ÷ ours, and theirs in brackets; above 1, ours is faster.`;
  return markdown([text(about), overviewTable(rows, footprints)]);
}
