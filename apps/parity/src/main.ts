/** `pnpm parity <folder>`: every model over every fixture, tensor by tensor. */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { compare, type Comparison } from "./compare.ts";
import type { Family } from "./family.ts";
import { checkImages } from "./checks/image.ts";
import { checkMisc } from "./checks/misc.ts";
import { checkTokenizers } from "./checks/tokenizers.ts";
import { type Fixture, readFixtures } from "./fixture.ts";

/** Every file in that folder is one. */
const families: Family[] = [];
for (const file of (await readdir(new URL("families/", import.meta.url))).sort()) {
  families.push(...Object.values((await import(`./families/${file}`)) as Record<string, Family>));
}

/** Names of io.json that are inputs, not results. */
const isInput = (key: string): boolean =>
  /^(pixel_values|image|text|x|noise|input_ids|token_type_ids|attention_mask|labels|next_sentence_label|src|tgt|src_pad)(_\d+x\d+)?$/.test(
    key,
  );

const [given] = process.argv.slice(2);
if (given === undefined || given.startsWith("-")) {
  console.error("usage: pnpm parity <folder>   (a folder of fixtures: see apps/parity/README.md)");
  process.exit(2);
}
const folder = resolve(process.env["INIT_CWD"] ?? process.cwd(), given);
if (!existsSync(folder)) {
  console.error(`there is no folder ${folder}`);
  process.exit(2);
}

const rows: Comparison[] = [];
const uncovered: string[] = [];
const failures: string[] = [];
const { fixtures, others } = await readFixtures(folder);

for (const fixture of fixtures) {
  const family = families.find(({ matches }) => matches(fixture));
  if (!family) {
    uncovered.push(`${fixture.name} (no model here knows it)`);
    continue;
  }
  try {
    await runFixture(family, fixture);
  } catch (error) {
    failures.push(`${fixture.name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
const specials = new Map([
  ["image", checkImages],
  ["misc.json", checkMisc],
  ["tokenizers", checkTokenizers],
]);
for (const name of others) {
  const special = specials.get(name);
  if (!special) {
    if (!name.endsWith(".md")) uncovered.push(name);
    continue;
  }
  const found = await special(join(folder, name));
  rows.push(...found.rows);
  uncovered.push(...found.uncovered);
}

report();
process.exitCode = failures.length > 0 || rows.length === 0 || rows.some(({ agrees }) => !agrees) ? 1 : 0;

async function runFixture(family: Family, fixture: Fixture): Promise<void> {
  const checked = new Set<string>();
  await family.run(fixture, (name, actual) => {
    const expected = fixture.io.get(name);
    if (!expected || checked.has(name)) return;
    checked.add(name);
    rows.push(compare(fixture.name, name, actual, expected));
  });
  for (const key of fixture.io.keys()) if (!checked.has(key) && !isInput(key)) uncovered.push(`${fixture.name}/${key}`);
}

function report(): void {
  const lines = rows.map(({ model, tensor, maxAbsError, cosine, agrees }) => [
    model,
    tensor,
    maxAbsError.toExponential(2),
    cosine.toFixed(9),
    agrees ? "agrees" : "DIFFERS",
  ]);
  const table = [["model", "tensor", "max abs error", "cosine", "verdict"], ...lines];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
  for (const line of table)
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  const differing = rows.filter(({ agrees }) => !agrees).length;
  console.log(`\n${rows.length - differing} of ${rows.length} tensors agree.`);
  if (failures.length > 0) console.log(`\nCould not run:\n${failures.map((line) => `  ${line}`).join("\n")}`);
  if (uncovered.length > 0) console.log(`\nNot covered:\n${uncovered.map((line) => `  ${line}`).join("\n")}`);
}
