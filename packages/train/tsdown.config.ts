import { library } from "../../tools/packaging/library.ts";

export default library({
  index: "src/index.ts",
  csv: "src/csv.ts",
  parquet: "src/parquet.ts",
  bar: "src/bar.ts",
  page: "src/page.ts",
  zip: "src/zip.ts",
  worker: "src/worker/index.ts",
  "platform/node": "src/platform/node.ts",
  "platform/browser": "src/platform/browser.ts",
});
