import { library } from "../../tools/packaging/library.ts";

export default library({ index: "src/index.ts", node: "src/node.ts" });
