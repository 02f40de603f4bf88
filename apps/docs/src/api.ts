/** The API from docstrings, by TypeDoc: a page for each door of each package. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Application } from "typedoc";
import { root } from "./copied.ts";

/** What packages export: its source, by the name that it is imported by. */
function doors(): ReadonlyMap<string, string> {
  const found = readdirSync(join(root, "packages"))
    .filter((name) => name !== "testing")
    .flatMap((name) => {
      const { exports = {} } = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8")) as {
        exports?: Record<string, unknown>;
      };
      return Object.entries(exports).flatMap(([path, door]) => {
        const file = typeof door === "object" && door !== null && "@x/source" in door ? door["@x/source"] : undefined;
        const isCode = typeof file === "string" && file.endsWith(".ts") && !file.includes("*");
        return isCode ? [[`@x/${name}${path.slice(1)}`, join(root, "packages", name, file)] as const] : [];
      });
    });
  return new Map(found);
}

export async function writeApi(folder: string): Promise<void> {
  const all = doors();
  const entryPoints = [...all.values()];
  const settings = join(import.meta.dirname, "../site/tsconfig.json");
  const options = { isolatedDeclarations: false, declaration: false, typeRoots: [join(root, "node_modules/@types")] };
  writeFileSync(
    settings,
    JSON.stringify({ extends: join(root, "tsconfig.json"), compilerOptions: options, files: entryPoints, include: [] }),
  );
  const app = await Application.bootstrapWithPlugins({
    entryPoints,
    tsconfig: settings,
    plugin: ["typedoc-plugin-markdown"],
    skipErrorChecking: true,
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    disableSources: true,
    name: "API",
    readme: "none",
    out: folder,
    logLevel: "Error",
    ...({
      outputFileStrategy: "modules",
      entryFileName: "index",
      hidePageHeader: true,
      hideBreadcrumbs: true,
      useCodeBlocks: true,
    } as object),
  });
  const project = await app.convert();
  if (!project) throw new Error("TypeDoc found nothing");
  for (const door of project.children ?? [])
    for (const [name, file] of all) if (file.endsWith(`/${door.name}.ts`) || file.endsWith(`/${door.name}/index.ts`)) door.name = name;
  await app.generateOutputs(project);
}
