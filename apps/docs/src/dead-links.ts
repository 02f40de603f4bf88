/** Links and anchors of the built site that lead nowhere. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** @param folder the built site @returns a line for each, with the page that it stands on */
export function deadLinks(folder: string): readonly string[] {
  const pages = new Map(globSync("**/*.html", { cwd: folder }).map((file) => [addressOf(file), readFileSync(join(folder, file), "utf8")]));
  const anchors = new Map([...pages].map(([page, html]) => [page, new Set(all(html, / id="([^"]+)"/g))]));
  const dead = [...pages].flatMap(([page, html]) =>
    all(html, /<a [^>]*href="([^"]+)"/g)
      .filter((link) => {
        const { origin, pathname, hash } = new URL(link, `http://site${page}`);
        if (origin !== "http://site") return false;
        const target = addressOf(decodeURIComponent(pathname).slice(1));
        const isFile = existsSync(join(folder, target)) && !target.endsWith("/");
        if (!anchors.has(target)) return !isFile;
        return hash !== "" && !anchors.get(target)?.has(decodeURIComponent(hash.slice(1)));
      })
      .map((link) => `${page}: ${link}`),
  );
  return [...new Set(dead)].sort();
}

/** `models/vit.html` → `/models/vit`, `api/index.html` → `/api/` */
const addressOf = (file: string): string => `/${file.replace(/\.html$/, "").replace(/(^|\/)index$/, "$1")}`;

const all = (html: string, pattern: RegExp): string[] => [...html.matchAll(pattern)].map(([, text = ""]) => text.replaceAll("&amp;", "&"));
