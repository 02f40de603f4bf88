// A page that labels pictures: what does a visitor download?
import { classify, ViT } from "@x/models-vision";

const model = await ViT.fromPretrained("google/vit-base-patch16-224");
document.body.textContent = JSON.stringify(await classify(model, new Blob()));
