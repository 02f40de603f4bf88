import { fileURLToPath } from "node:url";

/** Where an example leaves its model and its curve. */
export const resultFolder = (name: string): string => fileURLToPath(new URL(`../../../demo-output/fine-tuning/${name}`, import.meta.url));

export const percent = (share: unknown): string => `${(100 * Number(share)).toFixed(1)} %`;
