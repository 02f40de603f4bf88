/** Pages that are files of the repository: READMEs of packages, and docs/. Links between them become links between pages; others go to the source. */
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

export const root: string = join(import.meta.dirname, "../../..");
/** Where VitePress finds what it builds. */
export const site: string = join(import.meta.dirname, "../site");
/** Where the source is read. */
export const source = "https://github.com/x/x/blob/main";

const packages = readdirSync(join(root, "packages")).filter((name) => name !== "testing");

/** Files by what becomes of them. */
const pages: ReadonlyMap<string, string> = new Map([
  ...packages.map((name) => [`packages/${name}/README.md`, `packages/${name}.md`] as const),
  ...["checkpoints", "parity", "faq", "benchmarks", "files", "model-files", "timm"].map(
    (name) => [`docs/${name}.md`, `reference/${name}.md`] as const,
  ),
  ["SECURITY.md", "reference/security.md"],
  ["ARCHITECTURE.md", "reference/architecture.md"],
  ["CONTRIBUTING.md", "reference/contributing.md"],
]);

/** By their paths in the site. */
export function copiedPages(): readonly (readonly [path: string, text: string])[] {
  cpSync(join(root, "docs/images"), join(site, "public/images"), { recursive: true });
  return [...pages].map(([file, path]) => [path, relinked(readFileSync(join(root, file), "utf8"), file)] as const);
}

/** `[text](../layers#lora)` of a README → `[text](/packages/layers#lora)`. */
function relinked(text: string, file: string): string {
  return text.replaceAll(/(!?)\[([^\]]*)\]\(([^)\s]+)\)/g, (whole, mark: string, words: string, to: string) => {
    if (/^(https?:|#|mailto:)/.test(to)) return whole;
    const [path = "", anchor] = to.split("#");
    const target = normalize(join(dirname(file), path)).replace(/\/$/, "");
    if (mark === "!") return `![${words}](/images/${target.replace("docs/images/", "")})`;
    const page = pages.get(target) ?? pages.get(`${target}/README.md`);
    const address = page === undefined ? `${source}/${target}` : `/${page.replace(/\.md$/, "")}`;
    return `[${words}](${address}${anchor === undefined ? "" : `#${anchor}`})`;
  });
}
