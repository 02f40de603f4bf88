"""Random Marians, M2M-100s and NLLBs through `x translate`, with what generation_config.json may say: random_models.py.

    python tools/reference/random_translations.py [models of each] [seed] [part of a name]    # transformers 5.24, sentencepiece 0.2.1 and protobuf
"""
import json
import random
from pathlib import Path

from random_models import WORDS, compare, draw, pick, same, sentence, stirred, x
from random_texts import pieces
import transformers as hf


def generation(vocab, ends, no_end=False):
    """What a generation_config.json may say."""
    ids = lambda most: random.sample(range(5, vocab), k=draw(1, most))  # noqa: E731
    said = {"max_length": draw(8, 24), "num_beams": pick([1, 1, 2, 3, 4])}
    may = {"repetition_penalty": pick([1.3, 0.8, 2.5]), "no_repeat_ngram_size": draw(1, 3), "suppress_tokens": ids(vocab // 2), "begin_suppress_tokens": ids(vocab // 3), "min_new_tokens": draw(1, 7),
           "min_length": draw(1, 7), "eos_token_id": [ends, *ids(5)], "bad_words_ids": [[a] for a in ids(4)] + [[5, 6]], "renormalize_logits": True, "forced_eos_token_id": ends}  # fmt: skip
    if said["num_beams"] > 1:
        may.update(length_penalty=pick([0.4, 2.0, -1.0, 0.0]), early_stopping=pick([True, "never"]))
    if pick([True, False, False]):
        said["max_new_tokens"] = draw(6, 20)
        del said["max_length"]
    return said | {key: may[key] for key in random.sample(sorted(may), k=draw(0, 4))}


def translated(folder, model, tokenizer, texts, options=(), languages=(), **more):
    """`languages` are ids that are special where special_tokens_map.json says so, as in published files."""
    written = [model.generate(**tokenizer(text, return_tensors="pt"), **more)[0].tolist() for text in texts]
    theirs = [tokenizer.decode([token for token in tokens if token not in languages], skip_special_tokens=True) for tokens in written]
    same([row["translation"] for row in x("translate", folder, *options, *texts)], theirs, f"translations by {model.generation_config.to_diff_dict()}")


def m2m_config(vocab, **more):
    heads = [draw(1, 3), draw(1, 3)]
    return dict(vocab_size=vocab, d_model=12 * pick([1, 2]), encoder_layers=draw(1, 3), decoder_layers=draw(1, 3), encoder_attention_heads=heads[0], decoder_attention_heads=heads[1],
                encoder_ffn_dim=draw(9, 40), decoder_ffn_dim=draw(9, 40), max_position_embeddings=100, activation_function=pick(["relu", "gelu", "silu", "gelu_new"]),
                scale_embedding=pick([True, False]), **more)  # fmt: skip


def written(folder, model, said):
    for key, value in said.items():
        setattr(model.generation_config, key, value)
    model.save_pretrained(folder)
    return model


def m2m(folder, kind):
    Path(folder, "sentencepiece.bpe.model").write_bytes(pieces("unigram", 500))
    import sentencepiece

    found = sentencepiece.SentencePieceProcessor(model_file=f"{folder}/sentencepiece.bpe.model")
    names = ["<s>", "<pad>", "</s>", "<unk>"] + [found.id_to_piece(i) for i in range(3, len(found))]
    Path(folder, "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(names)}))
    Path(folder, "config.json").write_text('{"model_type": "m2m_100"}')
    tokenizer = hf.M2M100Tokenizer.from_pretrained(folder, src_lang=pick(["en", "de"]))
    tokenizer.save_pretrained(folder)
    vocab = max(tokenizer.lang_code_to_id.values()) + draw(1, 9)
    model = stirred(hf.M2M100ForConditionalGeneration(hf.M2M100Config(**m2m_config(vocab, tie_word_embeddings=pick([True, True, False])))), 1.5)
    model.tie_weights()
    written(folder, model, generation(vocab, 2))
    texts = [sentence() for _ in range(4)]
    to, source = pick(["fr", "zh", "en"]), pick(["de", "en"])
    tokenizer.src_lang = source
    translated(folder, model, tokenizer, texts, ["--from", source, "--to", to], set(tokenizer.lang_code_to_id.values()), forced_bos_token_id=tokenizer.get_lang_id(to))


def nllb(folder, kind):
    letters = sorted({letter for word in WORDS for letter in word})
    merges = [("▁", "t"), ("h", "e"), ("▁t", "he"), ("a", "n"), ("▁", "w"), ("▁w", "h"), ("i", "s")]
    vocab = {token: i for i, token in enumerate(["<s>", "<pad>", "</s>", "<unk>", "▁", *letters, *("".join(pair) for pair in merges)])}
    codes = ["ace_Arab", "eng_Latn", "fra_Latn", "zho_Hans"]
    tokenizer = hf.NllbTokenizer(vocab=vocab, merges=merges, extra_special_tokens=codes, src_lang="eng_Latn", legacy_behaviour=pick([True, False]))
    tokenizer.save_pretrained(folder)
    tokenizer = hf.AutoTokenizer.from_pretrained(folder)
    size = len(tokenizer) + draw(0, 5)
    model = stirred(hf.M2M100ForConditionalGeneration(hf.M2M100Config(**m2m_config(size))), 1.5)
    model.tie_weights()
    written(folder, model, generation(size, 2))
    texts = [sentence(8) for _ in range(4)]
    source, to = random.sample(codes, 2)
    tokenizer.src_lang = source
    translated(folder, model, tokenizer, texts, ["--from", source, "--to", to], forced_bos_token_id=tokenizer.convert_tokens_to_ids(to))


def marian(folder, kind):
    import sentencepiece

    names = ["</s>", "<unk>"]
    for name, shape in (("source", "unigram"), ("target", pick(["unigram", "bpe"]))):
        Path(folder, f"{name}.spm").write_bytes(pieces(shape, draw(300, 500)))
        found = sentencepiece.SentencePieceProcessor(model_file=f"{folder}/{name}.spm")
        names += [found.id_to_piece(i) for i in range(3, len(found))]
    names = [*dict.fromkeys(names), "<pad>"]
    Path(folder, "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(names)}))
    Path(folder, "tokenizer_config.json").write_text(json.dumps({"source_lang": "en", "target_lang": "de", "tokenizer_class": "MarianTokenizer"}))
    tokenizer = hf.MarianTokenizer.from_pretrained(folder)
    pad = len(names) - 1
    said = m2m_config(len(names), pad_token_id=pad, eos_token_id=0, decoder_start_token_id=pad, forced_eos_token_id=pick([0, None]))
    said["activation_function"] = pick(["swish", "relu", "gelu"])
    model = stirred(hf.MarianMTModel(hf.MarianConfig(**said)), 1.5)
    model.tie_weights()
    written(folder, model, {"bad_words_ids": [[pad]], **generation(len(names), 0)})
    translated(folder, model, tokenizer, [sentence() for _ in range(4)])


if __name__ == "__main__":
    compare([(m2m, "m2m_100"), (nllb, "nllb"), (marian, "marian")])
