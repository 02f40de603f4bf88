/*! Contains parts of @huggingface/hub: MIT License, Copyright Hugging Face */
// What is needed of the library, from its build for browsers (see tsdown.config.ts): bundlers that ignore package.json's `browser` field,
// esbuild among them, would take the one for Node.
export { listFiles, modelInfo } from "@huggingface/hub";
