/** Bundles the pages of src/sizes for size-limit to weigh: see .size-limit.json. */
import { bundlePage } from "./size-page.ts";

await bundlePage("vit");
await bundlePage("everything");
