"""Writes a tiny ColBERT as its authors' code saves it, with what sentence-transformers makes of texts: packages/models-nlp/golden/colbert/.

    python tools/reference/colbert.py   # sentence-transformers 6.2, transformers 5.24
"""
import json
import os
from pathlib import Path

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
import torch
from safetensors.torch import save_file
from sentence_transformers import MultiVectorEncoder
from transformers import BertConfig, BertModel, BertTokenizerFast
from vision import randomize

OUT = Path(__file__).parents[2] / "packages/models-nlp/golden/colbert"
OUT.mkdir(exist_ok=True)
WORDS = "the whale is a very large animal old ship ##s captain votes are counted by hand how blue sea and of meters thirty long".split()
vocab = ["[PAD]", "[unused0]", "[unused1]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"!\"#$%&'()*+,-./:;<=>?@[]_`{|}~", *WORDS]  # no ^ and no \
(OUT / "vocab.txt").write_text("\n".join(vocab) + "\n")
BertTokenizerFast(vocab=str(OUT / "vocab.txt"), do_lower_case=True, model_max_length=40).save_pretrained(OUT)
(OUT / "vocab.txt").unlink()  # tokenizer.json has it
config = BertConfig(vocab_size=len(vocab), hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=16, max_position_embeddings=40,
                    architectures=["HF_ColBERT"])  # fmt: skip
bert = BertModel(config, add_pooling_layer=False)
randomize(bert, 5)
linear = torch.randn(8, 12, generator=torch.Generator().manual_seed(6))
config.save_pretrained(OUT)
(OUT / "config.json").write_text(json.dumps({**json.loads((OUT / "config.json").read_text()), "architectures": ["HF_ColBERT"]}, indent=2) + "\n")
save_file({**{f"bert.{name}": tensor for name, tensor in bert.state_dict().items()}, "linear.weight": linear}, OUT / "model.safetensors", {"format": "pt"})
metadata = {"query_maxlen": 14, "doc_maxlen": 18, "dim": 8, "similarity": "cosine", "query_token": "[Q]", "doc_token": "[D]", "query_token_id": "[unused0]",
            "doc_token_id": "[unused1]", "mask_punctuation": True, "attend_to_mask_tokens": False}  # fmt: skip
(OUT / "artifact.metadata").write_text(json.dumps(metadata, indent=2) + "\n")

model = MultiVectorEncoder(str(OUT), device="cpu")
queries = ["how large is the whale?", "votes", "the old captain and the blue sea and the large ships of the old captain are counted by hand"]
passages = ["the blue whale is thirty meters long .", "votes are counted , by hand !", "... ^ zebra", "", "the captain is old " * 6]
asked, answers = model.encode_query(queries), model.encode_document(passages)
golden = {
    "queries": queries,
    "passages": passages,
    "counts": [[len(one) for one in asked], [len(one) for one in answers]],
    "scores": model.similarity(asked, answers).tolist(),
}
(OUT / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")
print(golden["counts"], golden["scores"])
