"""Writes packages/search/golden/quantized.json: embeddings in every precision, and what searches among them find.

    python tools/reference/quantize.py   # sentence-transformers 6.2, faiss-cpu 1.15.1, usearch 2.17.7
"""
import json
from pathlib import Path

import numpy as np
from sentence_transformers import quantize_embeddings
from sentence_transformers.util import cos_sim
from sentence_transformers.util.quantization import semantic_search_faiss, semantic_search_usearch

OUT = Path(__file__).parents[2] / "packages/search/golden/quantized.json"
rng = np.random.default_rng(14)
WIDTH = 20  # bits don't fill their bytes


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


others = rng.normal(size=(12, WIDTH - 1))
others[3, 2] = 0
embeddings = np.insert(np.sqrt(1 - 0.25**2) * unit(others), 7, 0.25, axis=1).astype(np.float32)  # one number has no range at all
queries = unit(rng.normal(size=(3, WIDTH)))
calibration = (0.5 * unit(rng.normal(size=(30, WIDTH)))).astype(np.float32)  # much lies outside
ranges = np.vstack((calibration.min(axis=0), calibration.max(axis=0)))
golden = {"embeddings": embeddings.tolist(), "queries": queries.tolist(), "calibration": calibration.tolist(), "ranges": ranges.tolist(), "precisions": {}}
for precision in ("int8", "uint8", "binary", "ubinary"):
    quantized = quantize_embeddings(embeddings, precision)
    entry = golden["precisions"][precision] = {"own": quantized.tolist()}
    if precision.endswith("int8"):
        entry["calibrated"] = quantize_embeddings(embeddings, precision, calibration_embeddings=calibration).tolist()
        entry["one"] = quantize_embeddings(embeddings[:1], precision, ranges=ranges).tolist()
        entry["cosines"] = cos_sim(quantized.astype(np.float32), quantized.astype(np.float32)).tolist()
        entry["dots"] = (quantized.astype(int) @ quantized.astype(int).T).tolist()
    search = semantic_search_faiss if precision.startswith("u") else semantic_search_usearch
    own = np.vstack((embeddings.min(axis=0), embeddings.max(axis=0)))
    settings = dict(corpus_precision=precision, top_k=3, ranges=own if precision.endswith("int8") else None)
    found, _ = search(queries, quantized, rescore_multiplier=4, **settings)
    entry["rescored"] = [[[hit["corpus_id"], hit["score"]] for hit in hits] for hits in found]
    if precision.endswith("binary"):
        asked = quantize_embeddings(queries, precision)
        found, _ = search(asked, quantized, rescore=False, **settings)
        entry["distances"] = [[hit["score"] for hit in hits] for hits in found]
OUT.parent.mkdir(exist_ok=True)
OUT.write_text(json.dumps(golden) + "\n")
