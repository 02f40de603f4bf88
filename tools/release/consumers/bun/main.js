import { labelOf } from "./program.js";

console.log(await labelOf(process.env.CHECKPOINT, await Bun.file(process.env.PICTURE).bytes()));
