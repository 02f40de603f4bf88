/**
 * Writes the innermost pieces of matrix products, one function for each number of rows and columns: sums that stay in registers need a name each,
 * and AssemblyScript has no loop over names. Each kind's body is said once, here; parts/tile.ts tells which tile is taken.
 *
 * B is read in packed panels of eight columns, A in packed groups of `rows`, so that each step reads `rows` neighbours of A, and eight of each
 * panel: rows that stand a multiple of 64 bytes apart would fall on the same bank of the first cache, which cost 13 %. Neighbouring sums, 16 bytes
 * apart, are loaded, added to and stored alike, with nothing between a pair of stores: V8 can make 256 bits of such pairs (--trace-wasm-revectorize).
 */

interface Tile {
  readonly rows: number;
  /** A multiple of eight: panels that stand next to each other. */
  readonly columns: number;
}

/** What a kind of product does at row i and vector j of four columns, every second one beginning a panel. */
interface Kind {
  readonly name: string;
  readonly text: string;
  readonly imports: string;
  readonly parameters: string;
  /** Before the steps, where A and panel j begin, and steps are counted. */
  readonly before: readonly string[];
  readonly aBegins: (rows: number) => string;
  readonly panelBegins: (panel: string) => string;
  readonly steps: string;
  /** Bytes that a row takes for one step; a panel's are 32. */
  readonly rowStep: string;
  /** `at`: a pointer and a constant offset, which costs nothing. */
  readonly loadA: (i: number, at: string) => readonly string[];
  readonly loadB: (j: number, at: string) => readonly string[];
  readonly add: (i: number, j: number) => string;
  readonly after: readonly string[];
  readonly result: (i: number, j: number, panel: string) => string;
}

const floats: Kind = {
  name: "tile",
  text: "C (rows × columns, cStep bytes between rows) = α · A · B, or C += that. A packed (k, rows), B packed (k, 8), panelStep bytes between panels.",
  imports: `import { SINGLE } from "../parts/matmul-tile";\nimport { madd } from "../simd/madd";\n`,
  parameters: "a: usize, panel: usize, panelStep: usize, k: i32, c: usize, cStep: usize, alpha: f32, accumulate: bool",
  before: [],
  aBegins: () => "a",
  panelBegins: (panel) => panel,
  steps: "k",
  rowStep: "4",
  loadA: (i, at) => [`const x${i} = v128.load_splat<f32>(${at});`],
  loadB: (j, at) => [`const b${j} = v128.load(${at});`],
  add: (i, j) => `madd(x${i}, b${j}, s${i}_${j})`,
  after: ["const factor = f32x4.splat(alpha);", "const kept = i32x4.splat(-<i32>accumulate);"],
  result: (i, j) => `madd(s${i}_${j}, factor, v128.and(v128.load(c${i}, ${16 * j}), kept))`,
};

const wholeNumbers: Kind = {
  name: "int8Tile",
  text: "C (rows × columns, cStep bytes between rows) = A · B in whole numbers, brought back to floats: int8-matmul.ts. panelStep bytes between panels.",
  imports: `import { dot, even, evens, numbers, odd, ones } from "../parts/int8-lanes";\nimport { PANEL_HEADER, ROW_HEADER, ROW_QUAD } from "../parts/int8-layout";\n`,
  parameters: "group: usize, panel: usize, panelStep: usize, quads: i32, c: usize, cStep: usize",
  before: ["const one = ones();", "const mask = evens();"],
  aBegins: (rows) => `group + ${rows} * ROW_HEADER`,
  panelBegins: (panel) => `${panel} + PANEL_HEADER`,
  steps: "quads",
  rowStep: "ROW_QUAD",
  loadA: (i, at) => [
    `const x${i} = v128.load_splat<i32>(${at});`,
    `const y${i} = ASC_FEATURE_RELAXED_SIMD ? x${i} : v128.load_splat<i32>(${at} + 4);`,
  ],
  loadB: (j, at) => [`const w${j} = v128.load(${at});`, `const b${j} = even(w${j}, mask);`, `const d${j} = odd(w${j});`],
  add: (i, j) => `dot(x${i}, y${i}, b${j}, d${j}, one, s${i}_${j})`,
  after: [],
  result: (i, j, panel) => `numbers(s${i}_${j}, group + ${i} * ROW_HEADER, ${panel} + ${16 * (j & 1)})`,
};

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const block = (indent: string, texts: readonly string[]): string => texts.map((text) => `${indent}${text}\n`).join("");
const offset = (from: string, count: number, step: string): string => (count === 0 ? from : `${from} + ${count} * ${step}`);

function functionOf(kind: Kind, { rows, columns }: Tile): string {
  const [allRows, vectors, panels] = [upTo(rows), upTo(columns / 4), upTo(columns / 8)];
  const panelOf = (p: number): string => offset("panel", p, "panelStep");
  const begins = panels.map((p) => `let p${p} = ${kind.panelBegins(panelOf(p))};`);
  const sums = allRows.map((i) => `let ${vectors.map((j) => `s${i}_${j} = i32x4.splat(0)`).join(", ")};`);
  const loads = vectors.flatMap((j) => kind.loadB(j, `p${j >> 1}, ${16 * (j & 1)}`));
  const adds = allRows.flatMap((i) => [
    ...kind.loadA(i, `x, ${i} * ${kind.rowStep}`),
    ...vectors.map((j) => `s${i}_${j} = ${kind.add(i, j)};`),
  ]);
  const stores = allRows.flatMap((i) => [
    `const c${i} = ${offset("c", i, "cStep")};`,
    ...vectors.map((j) => `const y${i}_${j} = ${kind.result(i, j, panelOf(j >> 1))};`),
    ...vectors.map((j) => `v128.store(c${i}, y${i}_${j}, ${16 * j});`),
  ]);
  return `function ${kind.name}${rows}x${columns}(${kind.parameters}): void {
${block("  ", [...kind.before, ...sums, `let x: usize = ${kind.aBegins(rows)};`, ...begins])}\
  for (const end = p0 + (<usize>${kind.steps} << 5); p0 < end; x += ${rows} * ${kind.rowStep}, ${panels.map((p) => `p${p} += 32`).join(", ")}) {
${block("    ", [...loads, ...adds])}\
  }
${block("  ", [...kind.after, ...stores])}\
}
`;
}

/** A file that holds the tiles of a kind, and a function which calls the one of so many rows and columns, or if there is none, panel by panel. */
function fileOf(kind: Kind, tiles: readonly Tile[]): string {
  const values = kind.parameters.replaceAll(/: \w+/g, "");
  const call = ({ rows, columns }: Tile): string => `return ${kind.name}${rows}x${columns}(${values});`;
  const isOf = ({ rows, columns }: Tile): string => `columns == ${columns} && rows == ${rows}${rows === 1 ? " && columns == SINGLE" : ""}`;
  return `/** Written by generate/tiles.ts. */
${kind.imports}
${tiles.map((tile) => functionOf(kind, tile)).join("\n")}
/** ${kind.text} */
export function ${kind.name}(rows: i32, columns: i32, ${kind.parameters}): void {
${block(
  "  ",
  tiles.filter(({ columns }) => columns > 8).map((tile) => `if (${isOf(tile)}) ${call(tile)}`),
)}  for (; columns > 0; columns -= 8, panel += panelStep, c += 32) {
${block(
  "    ",
  tiles
    .filter(({ columns }) => columns === 8)
    .map((tile, i) => `${i > 0 ? "else " : ""}if (rows == ${tile.rows}) ${call(tile).replace("return ", "")}`),
)}  }
}
`;
}

const tiles = (columns: number, ...rows: readonly number[]): Tile[] => rows.map((count) => ({ rows: count, columns }));

/** The generated sources, by path below assembly/. Groups of fewer than four rows are rare, but for a single row. */
export const tileSources = (): ReadonlyMap<string, string> =>
  new Map([
    ["generated/tiles", fileOf(floats, [...tiles(8, 6, 5, 4, 3, 2, 1), ...tiles(16, 6, 5, 4, 1), ...tiles(32, 1)])],
    ["generated/int8-tiles", fileOf(wholeNumbers, tiles(8, 4, 3, 2, 1))],
  ]);
