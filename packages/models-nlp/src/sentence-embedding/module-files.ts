/** What a sentence encoder is in sentence-transformers' files: `modules.json` and the folders that it names. */
import { type JsonObject, jsonText } from "@x/layers/model";
import type { DenseConfig, SentenceEncoderConfig } from "./config.ts";
import { poolingSwitches } from "./module-keys.ts";
import { poolingModes } from "./pooling.ts";

/** The files that say what stands on BERT, as every version of sentence-transformers reads them. Dense layers' weights lie beside their `config.json`. */
export function moduleFiles(config: SentenceEncoderConfig): [name: string, text: string][] {
  const { dense, normalizes, maxLength, lowerCases, prompts, defaultPromptName, truncateDim, similarityFnName } = config;
  const folders: (readonly [type: string, settings: object])[] = [
    ["Pooling", poolingJson(config)],
    ...dense.map((layer) => ["Dense", denseJson(layer)] as const),
    ...(normalizes ? [["Normalize", {}] as const] : []),
  ];
  const named = folders.map(([type, settings], i) => ({ type, path: `${i + 1}_${type}`, settings }));
  const modules = [{ type: "Transformer", path: "" }, ...named].map(({ type, path }, idx) => ({
    idx,
    name: String(idx),
    path,
    type: `sentence_transformers.models.${type}`,
  }));
  const texts = {
    prompts,
    default_prompt_name: defaultPromptName ?? null,
    truncate_dim: truncateDim,
    similarity_fn_name: similarityFnName,
  };
  return [
    ["modules.json", jsonText(modules)],
    ["sentence_bert_config.json", jsonText({ max_seq_length: maxLength, do_lower_case: lowerCases })],
    ["config_sentence_transformers.json", jsonText(texts)],
    ...named.map(({ path, settings }): [string, string] => [`${path}/config.json`, jsonText(settings)]),
  ];
}

/** Switches are in an order of their own; modes that stand in another are named, too, which earlier versions of sentence-transformers refuse. */
function poolingJson({ hiddenSize, pooling, includePrompt }: SentenceEncoderConfig): JsonObject {
  const switches = poolingModes.map((mode) => [poolingSwitches[mode], pooling.includes(mode)] as const);
  const isUsual = pooling.join() === poolingModes.filter((mode) => pooling.includes(mode)).join();
  return {
    word_embedding_dimension: hiddenSize,
    ...Object.fromEntries(switches),
    ...(!isUsual && { pooling_mode: pooling }),
    include_prompt: includePrompt,
  };
}

const activationNames = {
  identity: "linear.Identity",
  tanh: "activation.Tanh",
  relu: "activation.ReLU",
  gelu: "activation.GELU",
  sigmoid: "activation.Sigmoid",
  silu: "activation.SiLU",
} as const;

const denseJson = ({ inFeatures, outFeatures, bias, activation }: DenseConfig): JsonObject => ({
  in_features: inFeatures,
  out_features: outFeatures,
  bias,
  activation_function: `torch.nn.modules.${activationNames[activation]}`,
});
