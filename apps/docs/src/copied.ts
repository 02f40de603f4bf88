/** Pages that are files of the repository: READMEs of packages, and docs/. Links between them become links between pages; what else they name becomes a page, too. */
import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

export const root: string = join(import.meta.dirname, "../../..");
/** Where VitePress finds what it builds. */
export const site: string = join(import.meta.dirname, "../site");
const packages = readdirSync(join(root, "packages")).filter((name) => name !== "testing");

/** Files by what becomes of them. */
const pages: ReadonlyMap<string, string> = new Map([
  ...packages.map((name) => [`packages/${name}/README.md`, `packages/${name}.md`] as const),
  ...["checkpoints", "parity", "faq", "benchmarks", "files", "model-files", "timm", "papers", "where", "checklist"].map(
    (name) => [`docs/${name}.md`, `reference/${name}.md`] as const,
  ),
  ["SECURITY.md", "reference/security.md"],
  ["ARCHITECTURE.md", "reference/architecture.md"],
  ["CONTRIBUTING.md", "reference/contributing.md"],
]);

/** A page by its path in the site. */
export type SitePage = readonly [path: string, text: string];

/** Those, and whatever they link to. @param also other files that are linked to */
export function copiedPages(also: readonly string[]): readonly SitePage[] {
  cpSync(join(root, "docs/images"), join(site, "public/images"), { recursive: true });
  const linked = new Set(also);
  const texts = [...pages].map(([file, path]) => [path, relinked(file, linked)] as const);
  // A set grows while it is gone through.
  const sources: SitePage[] = [];
  for (const target of linked) sources.push([`${addressOf(target).slice(1)}.md`, sourceOf(target, linked)]);
  return [...texts, ...sources];
}

/** Where a file is read in the site: without dots, after which VitePress would take it for no page. */
export const addressOf = (file: string): string => `/source/${file.replaceAll(".", "-")}`;

/** The page of a file or folder that has none of its own. */
function sourceOf(target: string, linked: Set<string>): string {
  if (existsSync(join(root, target, "README.md"))) return relinked(`${target}/README.md`, linked);
  if (target.endsWith(".md")) return relinked(target, linked);
  const language = /\.(ts|m?js|json|py)$/.exec(target)?.[1]?.replace("mjs", "js") ?? "text";
  return `---\naside: false\n---\n# ${target.split("/").at(-1)}\n\n<small>${target}</small>\n\n\`\`\`\`${language}\n${readFileSync(join(root, target), "utf8").trimEnd()}\n\`\`\`\`\n`;
}

/** `[text](../layers#lora)` of a README → `[text](/packages/layers#lora)`. */
function relinked(file: string, linked: Set<string>): string {
  return readFileSync(join(root, file), "utf8").replaceAll(
    /(!?)\[([^\]]*)\]\(([^)\s]+)\)/g,
    (whole, mark: string, words: string, to: string) => {
      if (/^(https?:|#|mailto:)/.test(to)) return whole;
      const [path = "", anchor] = to.split("#");
      const target = normalize(join(dirname(file), path)).replace(/\/$/, "");
      if (mark === "!") return `![${words}](/images/${target.replace("docs/images/", "")})`;
      const page = pages.get(target) ?? pages.get(`${target}/README.md`);
      if (page === undefined) linked.add(target);
      const address = page === undefined ? addressOf(target) : `/${page.replace(/\.md$/, "")}`;
      return `[${words}](${address}${anchor === undefined ? "" : `#${anchor}`})`;
    },
  );
}
