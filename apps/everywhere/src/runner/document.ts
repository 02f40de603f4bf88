import type { Simd } from "@x/core-wasm";
import { firstHashes, type Result } from "./verdict.ts";

/** docs/parity.md. */
export function parityDocument(results: readonly Result[], skipped: readonly string[]): string {
  const families = [...firstHashes(results)];
  const runtimes = [...new Set(results.map(({ runtime }) => runtime))];
  return `# The same numbers everywhere

Written by \`npm run everywhere -- --write\`: one suite, run on the built packages in every runtime below. For each model the outputs, the loss and
the gradient of every parameter are compared with PyTorch's for the same weights (tolerance 1e-5), and hashed. Under the plain-SIMD build
the hash is the same in every runtime, on the main thread and in workers, with 1, 2 and 3 threads; the relaxed build, which rounds once where
the plain one rounds twice, agrees within the tolerance. Every picture of models-vision's suite is decoded and compared with Pillow's pixels, byte
for byte; workerd, which compiles no WebAssembly, refuses JPEG and WebP by name.

## Where it ran

${table(
  ["runtime", "version", "where", "isolated", "threads for 1, 2, 3", "relaxed SIMD", "pictures with Pillow's pixels"],
  results.map(({ runtime, version, context, outcome }) =>
    "error" in outcome
      ? [runtime, version, context || "–", "failed", "", "", ""]
      : [
          runtime,
          version,
          context || "–",
          context ? (outcome.isolated ? "yes" : "no") : "–",
          outcome.runs
            .filter(({ simd }) => simd === "plain")
            .map(({ threads }) => threads)
            .join(", "),
          outcome.fastest === "relaxed" ? "yes" : "no",
          String(outcome.pictures.equal),
        ],
  ),
)}
${skipped.length > 0 ? `\nNot run: ${skipped.join("; ")}.\n` : ""}
## Largest error against PyTorch

Over outputs, loss and gradients, relative to 1 or to the largest number of the tensor: plain / relaxed. What is random here has no PyTorch
numbers; only its bits are compared.

${table(
  ["model", "tensors", ...runtimes],
  families.map(([family]) => {
    const compared = largest(results, family, (verdict) => verdict.compared);
    return [
      family,
      compared ? String(compared) : "–",
      ...runtimes.map((runtime) => {
        const own = results.filter((result) => result.runtime === runtime);
        if (!compared) return "same bits";
        return (["plain", "relaxed"] as const)
          .map((simd) => largest(own, family, ({ largestError }) => largestError, simd)?.toExponential(1) ?? "–")
          .join(" / ");
      }),
    ];
  }),
)}

## The bits

SHA-256 over outputs, loss and gradients, plain build.

${table(
  ["model", "SHA-256"],
  families.map(([family, hash]) => [family, `\`${hash}\``]),
)}
`;
}

function largest(
  results: readonly Result[],
  family: string,
  value: (verdict: { readonly compared: number; readonly largestError: number }) => number,
  build?: Simd,
): number | undefined {
  const values = results.flatMap(({ outcome }) =>
    "error" in outcome
      ? []
      : outcome.runs
          .filter(({ simd }) => build === undefined || simd === build)
          .flatMap(({ verdicts }) => verdicts.filter((verdict) => verdict.family === family).map(value)),
  );
  return values.length > 0 ? Math.max(...values) : undefined;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
