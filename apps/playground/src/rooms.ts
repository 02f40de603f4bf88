import type { Room } from "./room.ts";

/** The rooms, in the order of the list. Adding one: its view and its work in `rooms/`, an entry here, and a line in `worker/works.ts`. */
export const rooms: readonly Room[] = [
  {
    id: "digit",
    title: "Draw a digit",
    idea: "A vision transformer reads your handwriting while you write, and shows which patches each head looks at.",
    group: "See",
    icon: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
    code: `const vit = await ViT.fromPretrained("./digits-vit");
const trace = new Trace();
const probabilities = softmax(vit.forward(images, { trace })); // (B, 10)
trace.attentions; //                 (B, heads, N, N) for each layer
attentionMap(vit, images); //        (B, 7, 7): through all layers`,
    view: async () => (await import("./rooms/digit.ts")).view,
  },
  {
    id: "mae",
    title: "Paint the rest",
    idea: "A masked autoencoder sees a few patches of a digit and paints in all the others.",
    group: "See",
    icon: "M4 4h7v7H4zM13 13h7v7h-7zM13 4h7v7h-7zM4 16.5h7",
    code: `const mae = await MAE.fromPretrained("./digits-mae");
const { keptIds, restoreIds } = randomMasking(noise, 0.75);
const latent = mae.encode(images, keptIds); //                    (B, 1 + K, D)
const patches = mae.decoder.forward(latent, restoreIds, [7, 7]); // (B, 49, 48)`,
    view: async () => (await import("./rooms/mae.ts")).view,
  },
  {
    id: "swin",
    title: "Shifted windows",
    idea: "Swin lets patches look at their neighbours only, in windows that shift from block to block.",
    group: "See",
    icon: "M3 3h12v12H3zM9 3v12M3 9h12M19 9v12M9 19h12",
    code: `const swin = await Swin.fromPretrained("./digits-swin");
swin.forward(images, { trace }); // trace.attentions[1]: (windows, heads, 49, 49)
const grid = windowGrid([14, 14], 7, 3, "huggingFace");
windowTokens(grid); //              which patches make up each window`,
    view: async () => (await import("./rooms/swin.ts")).view,
  },
  {
    id: "mixer",
    title: "Learned filters",
    idea: "MLP-Mixer learns where to look once and for all: its filters, and which of them your drawing wakes.",
    group: "See",
    icon: "M5 4v16M12 4v16M19 4v16M3 9h4M10 15h4M17 7h4",
    code: `const mixer = await MLPMixer.fromPretrained("./digits-mixer");
mixer.namedParameters().get("blocks.0.mixer.mlp.fc1.weight"); // (48 units, 196 patches)
mixer.forward(images); //                                       (B, 10)`,
    view: async () => (await import("./rooms/mixer.ts")).view,
  },
  {
    id: "mask",
    title: "Fill the gap",
    idea: "BERT guesses the missing word. Every head's attention over your sentence, word by word.",
    group: "Read",
    icon: "M4 7h16M4 12h5M15 12h5M4 17h12M11 10h2v4h-2z",
    code: `const bert = await BertForMaskedLM.fromPretrained("./speeches-bert");
await fillMask(bert, "My fellow [MASK], …"); // [{ token, probability, text }, …]
bert.encode(text, { trace }); //                trace.attentions: (B, heads, N, N)`,
    view: async () => (await import("./rooms/mask.ts")).view,
  },
  {
    id: "translate",
    title: "Translate",
    idea: "An encoder-decoder writes German as you type English, and shows at each piece which words it looked at.",
    group: "Read",
    icon: "M4 5h9M8.5 3v2M11 5c-1 4-4 7-7 8M5.5 8c1.5 3 4 5 6.5 6M13 21l4-10 4 10M14.5 18h5",
    code: `const model = await Transformer.fromPretrained("./messages-de");
for await (const piece of translateStream(model, "Cannot find module './main'.")) write(piece);
model.forward(text, targets, { trace }); // cross-attention of each decoder layer`,
    view: async () => (await import("./rooms/translate.ts")).view,
  },
  {
    id: "fnet",
    title: "Mix by Fourier",
    idea: "FNet replaces attention by a Fourier transform. Mask one word, and watch it spread to all the others.",
    group: "Read",
    icon: "M3 12c2-8 4-8 6 0s4 8 6 0 4-8 6 0",
    code: `const fnet = await FNetForMaskedLM.fromPretrained("./speeches-fnet");
const x = fnet.embeddings.forward(inputIds); // (B, N, D)
fourierMix(x); //                              (B, N, D): Re F_N(F_D(x))`,
    view: async () => (await import("./rooms/fnet.ts")).view,
  },
  {
    id: "emoji",
    title: "Find an emoji",
    idea: "CLIP puts words and pictures into one space. Type something, or draw it, and see what lies nearest.",
    group: "See and read",
    icon: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M9 10v.5M15 10v.5M8.5 14.5c2 2 5 2 7 0",
    code: `import { EmojiSearch } from "@x/clip-emoji";

const search = await EmojiSearch.load();
await search.find("red heart"); //   [{ character: "❤️", name: "red heart", score }, …]
await search.describe(imageData); // what a drawing looks like`,
    view: async () => (await import("./rooms/emoji.ts")).view,
  },
  {
    id: "similarity",
    title: "CLIP's matrix",
    idea: "Every picture beside every text: the square whose diagonal contrastive training makes bright.",
    group: "See and read",
    icon: "M4 4h16v16H4zM4 9.3h16M4 14.6h16M9.3 4v16M14.6 4v16",
    code: `const { model } = await EmojiSearch.load();
const pictures = await embedImage(model, images); // vectors of length 1
const texts = await embedText(model, words);
await (await zeroShot(model, words)).forward(pixels); // logits (B, words)`,
    view: async () => (await import("./rooms/similarity.ts")).view,
  },
  {
    id: "train",
    title: "Train your own",
    idea: "Draw a few examples, or show them to your webcam, train a classifier in seconds, and take it home as a Hugging Face folder.",
    group: "Make",
    icon: "M4 4v16h16M7 8c3 0 3 8 6 8s3-2 6-2",
    code: `const vit = await ViT.fromPretrained("./digits-mae", { labels: ["circle", "cross"] });
const optimizer = new AdamW(vit.parameters(), { learningRate: 1e-3 });
await train({ model: vit, optimizer, steps: 90, loss: () => crossEntropy(vit.forward(images), labels) });
await vit.savePretrained(folder, { dtype: "float16" });`,
    view: async () => (await import("./rooms/train.ts")).view,
  },
  {
    id: "bench",
    title: "How fast here?",
    idea: "The same models with the same weights beside onnxruntime-web and jax-js, on your own machine.",
    group: "Make",
    icon: "M4 18a8 8 0 1 1 16 0M12 18l4-6",
    code: `const vit = await ViT.fromConfig({ hiddenSize: 192, numAttentionHeads: 3, intermediateSize: 768 });
const began = performance.now();
noGrad(() => vit.forward(images));
performance.now() - began;`,
    view: async () => (await import("./rooms/bench.ts")).view,
  },
  {
    id: "own",
    title: "Bring a model",
    idea: "Drop a model's folder or name one on the Hugging Face hub; its files say what it can do.",
    group: "Make",
    icon: "M4 8l2-4h4l2 3h8v12H4zM12 11v6M9 14l3-3 3 3",
    code: `import { pipeline } from "@x/models-nlp/auto";

const fill = await pipeline("fill-mask", "google-bert/bert-base-uncased");
await fill("Paris is the [MASK] of France.");`,
    view: async () => (await import("./rooms/own.ts")).view,
  },
];
