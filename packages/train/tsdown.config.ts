import { library } from "../../tools/packaging/library.ts";

export default library({ index: "src/index.ts", "platform/node": "src/platform/node.ts", "platform/browser": "src/platform/browser.ts" });
