/** The API from docstrings, by TypeDoc: a page for each door of each package. */
import { globSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Application, Comment, type DeclarationReflection, type ProjectReflection, ReflectionKind } from "typedoc";
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
      useHTMLAnchors: true,
      parametersFormat: "table",
      propertiesFormat: "table",
      interfacePropertiesFormat: "table",
      typeDeclarationFormat: "table",
    } as object),
  });
  const project = await app.convert();
  if (!project) throw new Error("TypeDoc found nothing");
  for (const door of project.children ?? [])
    for (const [name, file] of all) if (file.endsWith(`/${door.name}.ts`) || file.endsWith(`/${door.name}/index.ts`)) door.name = name;
  tellOnce(project);
  await app.generateOutputs(project);
  for (const page of globSync("**/*.md", { cwd: folder })) {
    const file = join(folder, page);
    writeFileSync(file, anchored(readFileSync(file, "utf8")));
  }
}

/** Headings' anchors are TypeDoc's, which counts the names in tables, too; what it doesn't link to gets a number. */
function anchored(text: string): string {
  let count = 0;
  return text.replaceAll(/^(?:<a id="([^"]+)"><\/a>\n+)?(#+ .+)$/gm, (_, id: string | undefined, heading: string) => {
    return `${heading} {#${id ?? `at-${++count}`}}`;
  });
}

/** What a class inherits stands at the class that it has it from; of the rest of its heirs, only that they have it. */
function tellOnce(project: ProjectReflection): void {
  const classes = project.getReflectionsByKind(ReflectionKind.ClassOrInterface) as DeclarationReflection[];
  const bases = classes.filter(({ name }) => name === "PretrainedModel" || name === "Module");
  const owner = (wanted: string) => bases.find(({ children = [] }) => children.some(({ name }) => name === wanted));
  const told = classes.map((heir) => {
    const own = heir.children ?? [];
    return [heir, new Set(own.filter(({ name, inheritedFrom: from }) => from && (from.reflection || owner(name))))] as const;
  });
  for (const [heir, members] of told) {
    const owners = new Set([...members].map(({ name, inheritedFrom: from }) => from?.reflection?.parent ?? owner(name)));
    owners.delete(undefined);
    if (owners.size === 0) continue;
    const links = [...owners].map((target) => ({ kind: "inline-tag", tag: "@link", text: target?.name ?? "", target }) as const);
    heir.comment ??= new Comment();
    heir.comment.summary.push(
      { kind: "text", text: "\n\nWhat it inherits is told at " },
      ...links.flatMap((link, i) => (i === 0 ? [link] : [{ kind: "text", text: ", " } as const, link])),
      { kind: "text", text: "." },
    );
    for (const group of heir.groups ?? []) group.children = group.children.filter((child) => !members.has(child as DeclarationReflection));
    heir.groups = heir.groups?.filter(({ children }) => children.length > 0);
  }
  for (const [, members] of told) for (const member of members) project.removeReflection(member);
}
