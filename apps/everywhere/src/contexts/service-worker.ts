/** A service worker that labels a picture: no threads, no `import()` (the specification forbids it there), one file. */
import { init, liveBytes } from "@x/layers";
import { embedText, SentenceEncoder } from "@x/models-nlp";
import { type Classification, classify, ViT } from "@x/models-vision";

declare const self: EventTarget & {
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
};

const fetched = async (path: string): Promise<Uint8Array<ArrayBuffer>> => {
  const response = await fetch(`/packages/${path}`);
  if (!response.ok) throw new RangeError(`${response.status} for ${path}`);
  return new Uint8Array(await response.arrayBuffer());
};

async function answer(): Promise<object> {
  const { threads } = await init();
  using vit = await ViT.fromPretrained(new URL("/packages/models-vision/golden/classify/vit/", location.href));
  const seen: Classification[] = [];
  for (const name of ["q85-s2.jpg", "rgb.png", "noise.gif", "lossy.webp", "rgb.bmp"])
    seen.push((await classify(vit, await fetched(`models-vision/golden/image/${name}`)))[0]);
  using encoder = await SentenceEncoder.fromPretrained(new URL("/packages/models-nlp/golden/sentence_mpnet/", location.href));
  return { threads, seen, vector: [...(await embedText(encoder, "a"))] };
}

async function report(): Promise<void> {
  const told = await answer().catch((error: unknown) => ({ error: String(error) }));
  await fetch("/report/service-worker", { method: "POST", body: JSON.stringify({ ...told, left: liveBytes() }) });
}

self.addEventListener("install", () => void self.skipWaiting());
self.addEventListener("activate", (event) => {
  if ("waitUntil" in event && typeof event.waitUntil === "function") event.waitUntil(report());
});
