/** Asks a worker's model about a picture, and tells what came of it. Its folder, the page's, has the model's files. */
import { CheckpointError, pipeline } from "@x/worker";
import { ImageError } from "@x/models-vision";

const found: Record<string, unknown> = {};
try {
  const see = await pipeline("image-classification", "./model/");
  const picture = await (await fetch("./sky.jpg")).blob();
  found["labels"] = await see(picture, { topK: 2 });
  found["imageSize"] = "imageSize" in see.model.config && see.model.config.imageSize;
  found["isImageError"] = (await see(Uint8Array.of(1, 2, 3)).catch((error: unknown) => error)) instanceof ImageError;
  found["isCheckpointError"] = (await pipeline("ner", "./nowhere/").catch((error: unknown) => error)) instanceof CheckpointError;
  found["reason"] = await see([picture], { signal: AbortSignal.abort("enough") }).catch((reason: unknown) => reason);
  see.dispose();
  found["ended"] = await see(picture).catch(({ message }: Error) => message);
} catch (error) {
  found["error"] = String(error);
}
await fetch("/report/worker", { method: "POST", body: JSON.stringify(found) });
