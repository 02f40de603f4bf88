import { library } from "../../tools/packaging/library.ts";

export default library({
  "ai-sdk": "src/ai-sdk.ts",
  chroma: "src/chroma.ts",
  lancedb: "src/lancedb.ts",
  langchain: "src/langchain.ts",
  "llama-index": "src/llama-index.ts",
});
