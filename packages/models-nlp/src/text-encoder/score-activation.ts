import { type FamilyPart, isJsonObject, type JsonObject, readJson } from "@x/layers/model";

/** What reading it needs of a model. */
interface Scoring {
  /** The class of PyTorch's that a reranker's score goes through, `torch.nn.modules.linear.Identity`, as sentence-transformers wrote it; undefined where it didn't. */
  scoreActivation: string | undefined;
}

/** sentence-transformers' CrossEncoder says it in a file of its own, before that in `config.json`, and before that under a name of its own. */
export const scoreActivationPart: FamilyPart<Scoring> = {
  properties: ["scoreActivation"],
  async read(model, { source, config }) {
    const settings = (await readJson(source, "config_sentence_transformers.json")) ?? {};
    const found = [settings["activation_fn"], nestedIn(config)["activation_fn"], config["sbert_ce_default_activation_function"]];
    model.scoreActivation = found.find((name) => typeof name === "string");
  },
  files: () => [], // it is saved in `config.json`, which every version reads
};

const nestedIn = ({ sentence_transformers: nested }: JsonObject): JsonObject => (isJsonObject(nested) ? nested : {});

/** What `config.json` says of it. */
export const scoreActivationJson = ({ scoreActivation }: Scoring): JsonObject =>
  scoreActivation === undefined ? {} : { sentence_transformers: { activation_fn: scoreActivation } };
