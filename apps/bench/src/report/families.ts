/** What suites are about, in the order in which a report shows them. */
export interface Family {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly suites: readonly string[];
}

export const families: readonly Family[] = [
  {
    name: "kernels",
    title: "Kernels",
    about:
      'Linear layers of BERT, ViT and MiniLM with constant weights, attention from packed queries, keys and values, layer normalisation. "In place": numbers stay in our memory, beside `roofline`, what a core\'s 128-bit vectors could do with no memory at all. A·Bᵀ and Aᵀ·B, which gradients need, stand beside A·B.',
    suites: ["matmul", "attention", "layer-norm", "fork-join"],
  },
  {
    name: "fourier",
    title: "Fourier transforms",
    about:
      'FNet\'s mixing of tokens: the real part of a two-dimensional transform. onnxruntime has an operator for it; `pffft` is an FFT library compiled to WebAssembly; "by matrices" are our own matrix products.',
    suites: ["fft"],
  },
  {
    name: "vision",
    title: "Vision",
    about: "One forward pass from pixels to logits, random weights; of MAE, its encoder on a quarter of the patches.",
    suites: ["vit", "vision"],
  },
  {
    name: "language",
    title: "Language",
    about: "One forward pass of BERT-Base and of a sentence encoder in MiniLM's shape, from ids to tokens, random weights.",
    suites: ["language"],
  },
  {
    name: "int8",
    title: "int8",
    about:
      "Weights and activations rounded to 8 bits and less, everybody in their own way, so that outputs agree only roughly; and ourselves in float32.",
    suites: ["int8"],
  },
  { name: "clip", title: "CLIP", about: "Image towers, the text tower, and search among embeddings.", suites: ["clip"] },
  {
    name: "training",
    title: "Training",
    about:
      "Gradients of one feed-forward layer beside libraries that have them, and whole steps (forward, backward, AdamW) beside our own forward pass.",
    suites: ["training"],
  },
  {
    name: "cold-start",
    title: "From import to the first output",
    about:
      "A ViT with two layers, from files, in a fresh process (or browser) each time: import, start, load, run. Downloads aren't counted.",
    suites: ["cold-start"],
  },
];

/** Each has a section of its own in claims.ts. */
export const claimSuites: readonly string[] = ["vision-claims", "language-claims"];
