/** Models' own sources as pages: what a comment says stands beside the code that it is about. Nothing is written twice. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { addressOf, root, type SitePage } from "./copied.ts";

interface Annotated {
  readonly title: string;
  /** In the order in which they are read: the idea first. */
  readonly files: readonly string[];
}

const models: Readonly<Record<string, Annotated>> = {
  transformer: {
    title: "Transformer",
    files: [
      "models-nlp/src/transformer/transformer.ts",
      "models-nlp/src/transformer/encoder.ts",
      "models-nlp/src/transformer/decoder.ts",
      "models-nlp/src/transformer/sinusoidal-positions.ts",
    ],
  },
  bert: {
    title: "BERT",
    files: [
      "models-nlp/src/bert/bert.ts",
      "models-nlp/src/text-encoder/text-encoder.ts",
      "models-nlp/src/pretraining/mask-tokens.ts",
      "models-nlp/src/heads/masked-lm-head.ts",
    ],
  },
  fnet: { title: "FNet", files: ["models-nlp/src/fnet/fnet.ts", "models-nlp/src/fnet/fourier-mixing.ts"] },
  vit: {
    title: "Vision Transformer",
    files: ["models-vision/src/vit/vit.ts", "layers/src/nn/patch-embedding.ts", "models-vision/src/tasks/attention-rollout.ts"],
  },
  mae: {
    title: "Masked autoencoder",
    files: [
      "models-vision/src/mae/mae.ts",
      "models-vision/src/mae/random-masking.ts",
      "models-vision/src/mae/decoder.ts",
      "models-vision/src/mae/masked-patch-loss.ts",
    ],
  },
  swin: {
    title: "Swin Transformer",
    files: [
      "models-vision/src/swin/swin.ts",
      "models-vision/src/swin/windows.ts",
      "models-vision/src/swin/shift-mask.ts",
      "models-vision/src/swin/relative-position.ts",
      "models-vision/src/swin/patch-merging.ts",
    ],
  },
  "mlp-mixer": { title: "MLP-Mixer", files: ["models-vision/src/mlp-mixer/mlp-mixer.ts", "models-vision/src/mlp-mixer/token-mixing.ts"] },
  clip: {
    title: "CLIP",
    files: ["clip/src/clip.ts", "clip/src/train/contrastive-loss.ts", "clip/src/zero-shot.ts", "clip/src/text/text-pooling.ts"],
  },
};

/** Files that the annotated pages link to. */
export const annotatedFiles: readonly string[] = Object.values(models).flatMap(({ files }) => files.map((file) => `packages/${file}`));

/** What stands before a declaration or a method; what stands before a property stays in the code. */
const wholeComment = /^(\/\*\*(?:(?!\*\/)[^])*\*\/|  \/\*\*(?:(?!\*\/)[^])*\*\/(?=\n  [^;\n]*[({]$|\n  [^;\n]*\{$))\n/m;

/** By their paths in the site. */
export const annotatedModels = (): readonly SitePage[] =>
  Object.entries(models).map(([name, { title, files }]) => [
    `models/${name}.md`,
    `---\noutline: deep\n---\n# ${title}\n\nThe code itself, with what it says of itself. Letters and shapes are the paper's; every op used is in the [API](/api/).\n\n${files.map(annotated).join("\n\n")}\n`,
  ]);

function annotated(file: string): string {
  const parts = readFileSync(join(root, "packages", file), "utf8").split(wholeComment);
  const name = file.split("/").at(-1) ?? "";
  const told = parts.flatMap((part, i) => {
    const isComment = i % 2 === 1;
    if (part.trim() === "") return [];
    return [isComment ? proseOf(part) : codeOf(part)].filter((text) => text !== "");
  });
  return `## ${name}\n\n<small>[packages/${file}](${addressOf(`packages/${file}`)}), whole</small>\n\n${told.join("\n\n")}`;
}

/** A comment's words; its tags become a list. */
function proseOf(comment: string): string {
  const lines = comment
    .replace(/^ *\/\*\*/, "")
    .replace(/\*\/$/, "")
    .split("\n")
    .map((line) => line.replace(/^ *\* ?/, "").trimEnd());
  const text = lines
    .join("\n")
    .trim()
    .replaceAll(/(^|\s)@param (\w+) /g, "\n- `$2`: ")
    .replaceAll(/(^|\s)@(\w+) /g, "\n- *$2* ");
  return escaped(text).replace(/\n- /, "\n\n- ");
}

/** Imports are no part of the idea. */
function codeOf(code: string): string {
  const own = code
    .replace(/^import [^]*?;\n/gm, "")
    .replace(/^\n+/, "")
    .trimEnd();
  return own === "" ? "" : `\`\`\`ts\n${own}\n\`\`\``;
}

/** What VitePress would take for markup, outside code. */
export const escaped = (text: string): string =>
  text
    .split(/(`[^`]*`)/)
    .map((part, i) => (i % 2 === 1 ? part : part.replaceAll("<", "&lt;").replaceAll("{{", "&#123;&#123;")))
    .join("");
