import { globSync, readFileSync } from "node:fs";
import type { Rolldown, UserConfig } from "tsdown";

/** How every package is built: ES modules with types, for every platform, with nothing of anybody else's inside. */
export const library = (entry: Record<string, string>, plugins: readonly Rolldown.Plugin[] = [], more: UserConfig = {}): UserConfig => ({
  entry,
  platform: "neutral",
  target: "es2022",
  dts: true,
  deps: { neverBundle: [/^#/, /^node:/] }, // and, as ever, whatever package.json calls a dependency
  plugins: [...plugins, ...(waits() ? [] : [usingContext]), disposeSymbol],
  ...more,
});

/** Whether the package that is built, in the working directory, has `await using`: then it needs the compiler's own helper. */
const waits = (): boolean => globSync("src/**/*.ts").some((file) => /\bawait using\b/.test(readFileSync(file, "utf8")));

const usingContext: Rolldown.Plugin = {
  name: "using-context",
  transform: (_, id) => (id.endsWith("/usingCtx.js") ? readFileSync(new URL("using-context.js", import.meta.url), "utf8") : undefined),
};

/** WebKit has no Symbol.dispose yet; what `using` is compiled to looks for the other symbol there. */
const disposeSymbol: Rolldown.Plugin = {
  name: "dispose-symbol",
  renderChunk: (code, { fileName }) =>
    fileName.endsWith(".js") ? code.replaceAll("[Symbol.dispose]", '[Symbol.dispose ?? Symbol.for("Symbol.dispose")]') : undefined,
};
