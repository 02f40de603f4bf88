/** The READMEs' TypeScript, compiled as a user's own project compiles it. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../..");

export interface Program {
  readonly title: string;
  readonly code: string;
}

/** What `tsc --init` of TypeScript 7 writes for Node, with the packages' sources in place of their types. */
const compilerOptions = {
  module: "nodenext",
  target: "esnext",
  types: ["node"],
  typeRoots: [join(root, "node_modules/@types")],
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  strict: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  noUncheckedSideEffectImports: true,
  moduleDetection: "force",
  skipLibCheck: true,
  customConditions: ["@x/source"],
  allowImportingTsExtensions: true,
  noEmit: true,
  paths: {
    ...Object.fromEntries(
      readdirSync(join(root, "packages")).flatMap((name) => [
        [`@x/${name}`, [join(root, "packages", name, "src/index.ts")]],
        [`@x/${name}/auto`, [join(root, "packages", name, "src/auto/index.ts")]],
      ]),
    ),
    ...Object.fromEntries(
      ["ai-sdk", "chroma", "lancedb", "langchain", "llama-index"].map((name) => [
        `@x/integrations/${name}`,
        [join(root, "packages/integrations/src", `${name}.ts`)],
      ]),
    ),
    "sqlite-vec": [join(root, "apps/docs/node_modules/sqlite-vec/index.d.ts")],
    express: [join(root, "apps/docs/node_modules/@types/express/index.d.ts")],
    hono: [join(root, "apps/docs/node_modules/hono/dist/types/index.d.ts")],
    ai: [join(root, "packages/integrations/node_modules/ai/dist/index.d.ts")],
    "@lancedb/lancedb/embedding": [join(root, "packages/integrations/node_modules/@lancedb/lancedb/dist/embedding/index.d.ts")],
    "@x/serve/node": [join(root, "packages/serve/src/node.ts")],
    "@x/train/worker": [join(root, "packages/train/src/worker/index.ts")],
    "@x/layers/model": [join(root, "packages/layers/src/model.ts")],
    "@x/layers/save": [join(root, "packages/layers/src/save.ts")],
  },
};

/** What the compiler says about the programs, each with its title. */
export function complaints(programs: readonly Program[]): string[] {
  const home = join(root, "apps/bench/node_modules/.cache"); // where TensorFlow.js is installed, too
  mkdirSync(home, { recursive: true });
  const folder = mkdtempSync(join(home, "readme-"));
  try {
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
    for (const [i, { code }] of programs.entries()) writeFileSync(join(folder, `${i}.ts`), `${code}\nexport {};\n`);
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { stdout, status } = spawnSync(process.execPath, [tsc, "-p", folder, "--pretty", "false"], { cwd: folder, encoding: "utf8" });
    // The sources aren't written for exactOptionalPropertyTypes within, which users of built packages never see.
    const found = [...stdout.matchAll(/^(\d+)\.ts\((.+)$/gm)].map(([, number, text]) => `${programs[Number(number)]?.title} (${text}`);
    return status === 0 || /error TS/.test(stdout) ? found : [`tsc ended with ${status}: ${stdout}`];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
