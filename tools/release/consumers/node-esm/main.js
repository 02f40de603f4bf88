import { labelOf } from "./program.js";

console.log(await labelOf(process.env.CHECKPOINT, await (await import("node:fs/promises")).readFile(process.env.PICTURE)));
