import { defineConfig } from "vitepress";

const item = (text: string, link: string) => ({ text, link });
const named = (prefix: string, names: Readonly<Record<string, string>>) =>
  Object.entries(names).map(([name, text]) => item(text, `${prefix}/${name}`));

/** Code is up to 140 characters wide here: more room for it, and smaller letters. Names don't break inside a table's cell. */
const style = `
html:root { --vp-layout-max-width: 1680px; }
html .VPDoc .content .content-container.content-container { max-width: 860px; }
html .vp-doc [class*="language-"] code { font-size: 12.5px; line-height: 1.6; }
html .vp-doc td code { overflow-wrap: normal; }
`;

/** What is searched of a page: of the API the names, of whole files nothing, or they would hide what is told of them. */
const searched = (path: string, text: string): string =>
  path.startsWith("source/") ? "" : path.startsWith("api/") ? text.replaceAll(/^(?!#{1,3} ).*$/gm, "") : text;

export default defineConfig({
  head: [["style", {}, style]],
  title: "@x",
  description: "Transformers for JavaScript, to run, look inside and train",
  cleanUrls: true,
  ignoreDeadLinks: [/^\/llms/, /localhost/, (link) => link.startsWith("/api/")],
  markdown: { html: true },
  themeConfig: {
    search: {
      provider: "local",
      options: { _render: (text, env, markdown) => markdown.render(searched(env.relativePath, text), env) },
    },
    outline: "deep",
    nav: [
      item("Guide", "/start"),
      item("Packages", "/packages/models-nlp"),
      item("API", "/api/"),
      { text: "llms.txt", link: "/llms.txt", target: "_blank" },
    ],
    sidebar: [
      {
        text: "Guide",
        items: named("", {
          start: "Five minutes",
          text: "Texts",
          pictures: "Pictures",
          search: "Embeddings and search",
          "fine-tuning": "Fine-tuning",
          inside: "Looking inside",
          loading: "Loading",
          memory: "Memory",
        }),
      },
      {
        text: "Recipes",
        items: named("/recipes", {
          browser: "Browsers",
          server: "Servers",
          elsewhere: "Cloudflare, Electron…",
          frameworks: "Frameworks",
          "vector-databases": "Vector databases",
        }),
      },
      { text: "Coming from", items: named("/from", { "transformers-js": "transformers.js", pytorch: "PyTorch", tfjs: "TensorFlow.js" }) },
      {
        text: "Models, annotated",
        collapsed: true,
        items: named("/models", {
          transformer: "Transformer",
          bert: "BERT",
          fnet: "FNet",
          vit: "Vision Transformer",
          mae: "Masked autoencoder",
          swin: "Swin Transformer",
          "mlp-mixer": "MLP-Mixer",
          clip: "CLIP",
        }),
      },
      {
        text: "Packages",
        collapsed: true,
        items: named("/packages", {
          "models-nlp": "@x/models-nlp",
          "models-vision": "@x/models-vision",
          clip: "@x/clip",
          train: "@x/train",
          search: "@x/search",
          worker: "@x/worker",
          serve: "@x/serve",
          bulk: "@x/bulk",
          integrations: "@x/integrations",
          cli: "@x/cli",
          layers: "@x/layers",
          "core-wasm": "@x/core-wasm",
          tfjs: "@x/tfjs",
          "clip-emoji": "@x/clip-emoji",
        }),
      },
      {
        text: "Reference",
        collapsed: true,
        items: [
          item("API", "/api/"),
          ...named("/reference", {
            checkpoints: "Checkpoints that load",
            faq: "Questions that come up",
            security: "Security",
            benchmarks: "Performance",
            parity: "Parity",
            papers: "Eight papers, eight runs",
            "model-files": "config.json, key by key",
            files: "Tokenizers' files, key by key",
            timm: "timm",
            architecture: "Architecture",
            contributing: "Contributing",
          }),
        ],
      },
    ],
  },
});
