"""Claims about emoconv.data.published."""

import hashlib
import re

import pytest

from emoconv.data import COLLECTIONS
from emoconv.labels import GOEMOTIONS

FILES = [file for files in COLLECTIONS.values() for file in files]
BY_NAME = {file.name: file for file in FILES}


def test_every_file_has_a_place_of_its_own_and_a_whole_checksum():
    assert len(FILES) == len({(file.folder, file.name) for file in FILES})
    assert all(re.fullmatch("[0-9a-f]{64}", file.sha256) for file in FILES)
    assert all(url.startswith("https://") for file in FILES for url in file.urls)


def test_raw_rows_come_from_googles_bucket():
    base = "https://storage.googleapis.com/gresearch/goemotions/data/full_dataset/goemotions_"
    urls = [file.urls for file in COLLECTIONS["goemotions-raw"]]
    assert [(f"{base}{n}.csv",) for n in (1, 2, 3)] == urls


def test_glove_has_a_second_address():
    assert (
        "https://nlp.stanford.edu/data/glove.6B.zip",
        "https://downloads.cs.stanford.edu/nlp/data/glove.6B.zip",
    ) == BY_NAME["glove.6B.zip"].urls


def test_the_label_list_has_our_labels():
    content = "\n".join(GOEMOTIONS.names).encode()
    file = BY_NAME["emotions.txt"]
    assert (file.size_bytes, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["train.tsv", "dev.tsv", "test.tsv"])
def test_the_published_split_has_the_checksums_we_expect(real_data, name):
    content = (real_data / "goemotions" / name).read_bytes()
    file = BY_NAME[name]
    assert (file.size_bytes, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
