import type { KeyTable } from "@x/layers/model";

/** What ColBERT's authors' code says about texts, beside its own training. */
export const metadataKeys: KeyTable = {
  file: "artifact.metadata",
  followed: [
    "query_maxlen",
    "doc_maxlen",
    "query_token_id",
    "doc_token_id",
    "mask_punctuation",
    "attend_to_mask_tokens",
  ],
  passedOver: {
    "the weights say it": ["dim"],
    "`query_token_id` and `doc_token_id` stand for it": ["query_token", "doc_token"],
    "it is about training": [
      "bsize", "accumsteps", "lr", "maxsteps", "save_every", "resume", "warmup", "warmup_bert", "relu", "nway", "use_ib_negatives", "reranker",
      "distillation_alpha", "ignore_scores", "model_name", "checkpoint", "triples", "collection", "queries", "root", "experiment", "name", "rank", "nranks",
      "amp", "gpus", "overwrite", "avoid_fork_if_possible", "meta",
    ],
    "it is about indexes": [
      "index_path", "index_name", "index_root", "index_bsize", "nbits", "kmeans_niters", "ncells", "centroid_score_threshold", "ndocs",
      "load_index_with_mmap", "partitions",
    ],
  },
  refused: {
    similarity: { unless: ["cosine"], because: "vectors are compared by their products, at length 1" },
    interaction: { unless: ["colbert"], because: "only the greatest product for each of the query's tokens is here" },
  },
}; // prettier-ignore
