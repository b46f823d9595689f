"""A transformer small enough to be made in a test."""

from pathlib import Path

WORDS = ("the", "day", "was", "love", "hate", "thank", "you", "so", "much", "i", "it", "not")


def make_encoder(folder: Path, *, seed: int = 0) -> Path:
    """Write an untrained BERT of two layers with a tokeniser of letters and a few words."""
    import torch  # noqa: PLC0415 - heavy, wanted by few tests
    from transformers import BertConfig, BertModel, BertTokenizerFast  # noqa: PLC0415 - same

    letters = [chr(c) for c in range(33, 127)]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *letters]
    pieces += [f"##{letter}" for letter in letters]
    folder.mkdir(parents=True)
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(dict.fromkeys(pieces)) + "\n")
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(dict.fromkeys(pieces)),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(folder)
    BertTokenizerFast(str(vocabulary)).save_pretrained(folder)
    return folder
