"""Fingerprints of the tokenisers' output: models depend on it, so it must never change.

A change here makes every model that was trained before give other answers.
"""

import hashlib

import pytest

from emoconv.text import Encoder, Vocabulary, count_tokens, get_tokenizer

PARTS = ("train", "dev", "test")
FINGERPRINTS = {
    "rich": {
        "tokens": "6177f071caa8223f44e52719acef96009daa41f3a3184c8cc68b76d2b446bcc9",
        "ids": "2fe4093a811928a0e38bda5a6871c149ed743fb9042e7433fc732603b079be52",
    },
    "plain": {
        "tokens": "75206bbf35adae9eab529e27bd2b0ce36ddb314fac23209f0fbe81e44574bac1",
        "ids": "9c2f640f6001f221810230038c5a1aea2683d032597869d9d1646c0e2df65ffc",
    },
}


def digest(lines):
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@pytest.fixture(scope="module")
def texts(tiny):
    content = [(tiny / f"{part}.tsv").read_text(encoding="utf-8") for part in PARTS]
    return [line.split("\t")[0] for part in content for line in part.splitlines()]


@pytest.mark.parametrize("tokenizer", ["rich", "plain"])
def test_tokens_of_the_small_data_never_change(texts, tokenizer):
    tokenize = get_tokenizer(tokenizer)

    lines = [" ".join(f"{t.text}|{t.start}|{t.end}" for t in tokenize(text)) for text in texts]

    assert FINGERPRINTS[tokenizer]["tokens"] == digest(lines)


@pytest.mark.parametrize("tokenizer", ["rich", "plain"])
def test_ids_of_the_small_data_never_change(texts, tokenizer):
    tokenize = get_tokenizer(tokenizer)
    counts = count_tokens((t.text for t in tokenize(text)) for text in texts)
    encoder = Encoder(Vocabulary.build(counts, min_count=2), tokenizer=tokenizer)

    lines = [" ".join(map(str, encoder.encode(text)[0])) for text in texts]

    assert FINGERPRINTS[tokenizer]["ids"] == digest(lines)
