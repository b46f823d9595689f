"""The published files that emoconv can fetch: where they are, how large, with what checksum.

Where each checksum comes from:

- the official split: computed from the published files; TensorFlow Datasets and Hugging Face
  Datasets pin the same values;
- the label list and the two groupings: computed from the text of google-research's repository;
- the raw rows: pinned by Hugging Face Datasets (``go_emotions/dataset_infos.json``);
- GloVe: pinned by GluonNLP and by Julia's Embeddings.jl. Stanford publishes none.

Where a publisher changes a file, its checksum no longer holds and fetching it fails: better than
another data set under the same name.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["COLLECTIONS", "PublishedFile"]


@dataclass(frozen=True)
class PublishedFile:
    """A file that somebody else publishes.

    Args:
        folder: The folder it is kept in, below the cache folder.
        name: Its name there.
        size_bytes: Its exact size.
        sha256: Its checksum, in hex.
        urls: Where it is published; the first that answers is taken.
    """

    folder: str
    name: str
    size_bytes: int
    sha256: str
    urls: tuple[str, ...]


def _github(name: str, size_bytes: int, sha256: str, *, formerly: str = "") -> PublishedFile:
    base = (
        "https://raw.githubusercontent.com/google-research/google-research/master/goemotions/data"
    )
    urls = tuple(f"{base}/{n}" for n in (name, formerly) if n)
    return PublishedFile("goemotions", name, size_bytes, sha256, urls)


def _raw(name: str, size_bytes: int, sha256: str) -> PublishedFile:
    base = "https://storage.googleapis.com/gresearch/goemotions/data/full_dataset"
    return PublishedFile("goemotions_raw", name, size_bytes, sha256, (f"{base}/{name}",))


def _glove(name: str, size_bytes: int, sha256: str) -> PublishedFile:
    bases = ("https://nlp.stanford.edu/data", "https://downloads.cs.stanford.edu/nlp/data")
    urls = tuple(f"{base}/{name}" for base in bases)
    return PublishedFile("vectors", name, size_bytes, sha256, urls)


COLLECTIONS: dict[str, tuple[PublishedFile, ...]] = {
    "goemotions": (
        _github(
            "train.tsv",
            3_519_053,
            "1c254a142be5c00e80d819b9ae1bbd36d94b2eeb8f4b1271846508d57e57d9c5",
        ),
        _github(
            "dev.tsv",
            439_059,
            "575489c079c9de1097062a01738f998590d6b7ead66dd1c9fd1d2ba01fd8bc62",
        ),
        _github(
            "test.tsv",
            436_706,
            "0587b2dd8b27b97352adbfc3fb083d46005c8946657fdc2b1ca8b1cc7f1f8be4",
        ),
    ),
    "goemotions-mappings": (
        _github(
            "emotions.txt",
            248,
            "45c3ef86782d2a4d7fedcd6d8c111aa0d0e94720689bd164fac94fefb4495a89",
        ),
        _github(
            "ekman_mapping.json",
            396,
            "d6b1fea382917c1685c42e1324a0344106be9390f52a3850ce032656d103a328",
        ),
        _github(
            "sentiment_mapping.json",
            367,
            "801f6f028082141bd38541a4b14d65b33bdc55d29c7b2aaa029fefecf206f76b",
            formerly="sentiment_dict.json",
        ),
    ),
    "goemotions-raw": (
        _raw(
            "goemotions_1.csv",
            14_174_600,
            "cac049036bad5d68d1081f72b65f2cc51e4df82af05e3e22cfa747051cac1af3",
        ),
        _raw(
            "goemotions_2.csv",
            14_173_154,
            "f699ecc5aa425c1720c1d02475f1e41815244b680bd75b282eb770d2c76cd84d",
        ),
        _raw(
            "goemotions_3.csv",
            14_395_164,
            "467f1e7191af00f2e76cc7f425885c2dc304bea8aff284b10e8c460d22f2e1af",
        ),
    ),
    "glove-6b": (
        _glove(
            "glove.6B.zip",
            862_182_613,
            "617afb2fe6cbd085c235baf7a465b96f4112bd7f7ccb2b2cbd649fed9cbcf2fb",
        ),
    ),
    "glove-840b": (
        _glove(
            "glove.840B.300d.zip",
            2_176_768_927,
            "c06db255e65095393609f19a4cfca20bf3a71e20cc53e892aafa490347e3849f",
        ),
    ),
}
"""Collections of published files by the names that ``emoconv download`` takes."""
