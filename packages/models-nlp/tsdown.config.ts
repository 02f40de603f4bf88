import { library } from "../../tools/packaging/library.ts";

export default library({ index: "src/index.ts", auto: "src/auto/index.ts" });
