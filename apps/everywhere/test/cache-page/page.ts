/** Loads a model of the hub with the origin's private folder as its cache: once from the hub, once with no network, and once more when it was cleared. */
import { cachedRepositories, clearCache, filesToLoad } from "@x/layers";
import { classify, ViT } from "@x/models-vision";

const found: Record<string, unknown> = {};
try {
  const hubUrl = await (await fetch("./hub")).text();
  const cacheDir = await navigator.storage.getDirectory();
  const picture = await (await fetch("./sky.jpg")).blob();
  const isCached = async (): Promise<boolean> => (await filesToLoad("some/vit", { hubUrl, cacheDir })).every(({ cached }) => cached);
  const label = async (offline: boolean): Promise<string | undefined> => {
    using vit = await ViT.fromPretrained("some/vit", { hubUrl, cacheDir, offline });
    const [best] = await classify(vit, picture, { topK: 1 });
    return best?.label;
  };
  found["before"] = await isCached();
  found["first"] = await label(false);
  found["after"] = await isCached();
  found["offline"] = await label(true);
  found["kept"] = (await cachedRepositories({ cacheDir })).map(({ repository, bytes }) => ({ repository, isThere: bytes > 1000 }));
  await clearCache({ cacheDir });
  found["cleared"] = await cachedRepositories({ cacheDir });
  found["again"] = await label(true).catch(({ name }: Error) => name);
} catch (error) {
  found["error"] = String(error);
}
await fetch("/report/cache", { method: "POST", body: JSON.stringify(found) });
