"""Exports: a folder with a graph, a folder for the Hub, and the model card of that."""

import dataclasses
import json
import re
import sys

import numpy as np
import onnx
import pytest
import yaml

from emoconv import EmotionDetector
from emoconv.bundle import read_bundle, shipped_bundle, write_bundle
from emoconv.errors import BundleError, ConfigError, DataError, MissingExtraError
from emoconv.export import TOLERANCE, hub_files, write_hub_folder, write_onnx_folder
from emoconv.export.card import GOEMOTIONS_TRAIN_SHA256, hub_card
from emoconv.export.writing import write_folder
from emoconv.hub import BUNDLE_FILES
from untrained import LABELS, untrained_bundle

COPIED = ("labels.json", "vocabulary.json", "thresholds.json", "config.json")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export") / "model"
    write_bundle(untrained_bundle(max_tokens=9), folder, card="# Moods\n")
    return folder


@pytest.fixture(scope="module")
def exported(model):
    folder = model.with_name("exported")
    return folder, write_onnx_folder(model, folder)


def metadata_of(text):
    front, body = re.fullmatch(r"---\n(.*?)---\n\n(.*)", text, re.DOTALL).groups()
    return yaml.safe_load(front), body


def card_of(card, path, bundle=None, **settings):
    made = hub_card(bundle or untrained_bundle(), card, path=path, name="moods", **settings)
    return *metadata_of(made.text), made.unstated


def test_the_folder_has_the_graph_and_what_is_needed_to_feed_it(model, exported):
    folder, made = exported
    names = {"model.onnx", "README.md", "CARD.md", *COPIED}
    assert names == {path.name for path in folder.iterdir()}
    for name in COPIED:
        assert (model / name).read_bytes() == (folder / name).read_bytes()
    assert "# Moods\n" == (folder / "CARD.md").read_text(encoding="utf-8")
    assert (folder / "model.onnx").stat().st_size == made.size_bytes


def test_the_graph_was_compared_before_it_was_written(exported):
    made = exported[1]
    assert 200 == made.checked_texts
    assert 0 <= made.largest_difference <= TOLERANCE


def test_the_file_says_what_it_is(model, exported):
    graph = onnx.load(exported[0] / "model.onnx")
    bundle = read_bundle(model)
    about = {entry.key: entry.value for entry in graph.metadata_props}
    assert list(LABELS) == json.loads(about["labels"])
    assert [0.5] * 5 == json.loads(about["thresholds"])
    assert bundle.fingerprint() == about["fingerprint"]
    assert ("rich", "9", "22") == tuple(
        about[name] for name in ("tokenizer", "max_tokens", "vocabulary_size")
    )
    assert (17, 8) == (graph.opset_import[0].version, graph.ir_version)
    assert "emoconv" == graph.producer_name


def test_the_names_of_the_graph_are_those_of_the_readme(exported):
    graph = onnx.load(exported[0] / "model.onnx").graph
    names = [value.name for value in (*graph.input, *graph.output)]
    assert ["ids", "probabilities"] == names
    readme = (exported[0] / "README.md").read_text(encoding="utf-8")
    for name in names:
        assert f"| `{name}` |" in readme


def test_the_readme_says_where_texts_are_cut(exported, tmp_path):
    assert "cut to their first 9 tokens" in (exported[0] / "README.md").read_text(encoding="utf-8")
    write_bundle(untrained_bundle(), tmp_path / "whole")
    write_onnx_folder(tmp_path / "whole", tmp_path / "out")
    assert "never cut" in (tmp_path / "out/README.md").read_text(encoding="utf-8")


def test_the_program_of_the_readme_runs(model, exported, monkeypatch, capsys):
    readme = (exported[0] / "README.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    monkeypatch.chdir(exported[0])
    names = {}
    exec(compile(program, "README.md", "exec"), names)  # noqa: S102 - our own page
    detector = EmotionDetector.load(model)
    expected = detector.predict_proba(names["texts"])
    np.testing.assert_allclose(names["probabilities"], expected, atol=TOLERANCE)
    holds = detector.bundle.labels.decode(detector.predict(names["texts"]))
    shown = [f"{t} {list(held)}" for t, held in zip(names["texts"], holds, strict=True)]
    assert shown == capsys.readouterr().out.splitlines()


def test_two_exports_are_the_same_to_the_byte(model, exported, tmp_path):
    write_onnx_folder(model, tmp_path / "again")
    for path in exported[0].iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_a_graph_that_differs_is_not_written(model, tmp_path, monkeypatch):
    monkeypatch.setattr("emoconv.export.onnx_folder.largest_difference", lambda *_: (0.25, 200))
    with pytest.raises(
        BundleError, match=r"up to 0.25 from the engine's, more than 1e-05; nothing"
    ):
        write_onnx_folder(model, tmp_path / "out")
    assert [] == list(tmp_path.iterdir())


def test_a_difference_that_is_no_number_is_above_every_tolerance(model, tmp_path, monkeypatch):
    nan = (float("nan"), 200)
    monkeypatch.setattr("emoconv.export.onnx_folder.largest_difference", lambda *_: nan)
    with pytest.raises(BundleError, match="nothing was written"):
        write_onnx_folder(model, tmp_path / "out")


def test_a_bundle_without_a_card_has_none_in_the_folder(model, tmp_path):
    for name in BUNDLE_FILES:
        (tmp_path / name).write_bytes((model / name).read_bytes())
    write_onnx_folder(tmp_path, tmp_path / "out")
    assert not (tmp_path / "out/CARD.md").exists()


@pytest.mark.parametrize("write", [write_onnx_folder, write_hub_folder])
def test_what_is_there_is_not_replaced(model, tmp_path, write):
    (tmp_path / "out").mkdir()
    with pytest.raises(ConfigError, match=r"out is there already; name another place"):
        write(model, tmp_path / "out")
    with pytest.raises(ConfigError, match="has no name of its own"):
        write(model, tmp_path / "..")
    assert [] == list((tmp_path / "out").iterdir())


@pytest.mark.parametrize("write", [write_onnx_folder, write_hub_folder])
def test_what_is_no_bundle_is_not_exported(tmp_path, write):
    with pytest.raises(BundleError, match="no such folder"):
        write(tmp_path / "nothing", tmp_path / "out")
    assert [] == list(tmp_path.iterdir())


def test_a_folder_is_written_whole_or_not_at_all(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_folder(tmp_path / "out", {"a": b"1", "b": tmp_path / "missing"})
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("missing", ["onnx", "onnxruntime"])
def test_a_graph_without_the_extra_says_which_to_install(model, tmp_path, monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'emoconv\[onnx\]'"):
        write_onnx_folder(model, tmp_path / "out")
    assert [] == list(tmp_path.iterdir())


def test_a_hub_folder_is_the_bundle_with_a_card_for_the_hub(model, tmp_path):
    unstated = write_hub_folder(model, tmp_path / "moods")
    for name in BUNDLE_FILES:
        assert (model / name).read_bytes() == (tmp_path / "moods" / name).read_bytes()
    metadata, body = metadata_of((tmp_path / "moods/README.md").read_text(encoding="utf-8"))
    assert ("text-classification", "emoconv") == (
        metadata["pipeline_tag"],
        metadata["library_name"],
    )
    assert ("# Moods\n", ("license", "language")) == (body, unstated)
    assert read_bundle(model).fingerprint() == read_bundle(tmp_path / "moods").fingerprint()


def test_a_hub_folder_of_a_hub_folder_is_the_same(model, tmp_path):
    write_hub_folder(model, tmp_path / "moods", licence="mit", language="en")
    (tmp_path / "again").mkdir()
    write_hub_folder(tmp_path / "moods", tmp_path / "again/moods")
    for path in (tmp_path / "moods").iterdir():
        assert path.read_bytes() == (tmp_path / "again/moods" / path.name).read_bytes()


def test_a_card_says_nothing_that_nobody_said(tmp_path):
    metadata, _, unstated = card_of("# Moods\n", tmp_path)
    assert {
        "library_name": "emoconv",
        "pipeline_tag": "text-classification",
        "tags": ["emoconv", "emotion-detection", "multi-label"],
    } == metadata
    assert ("license", "language") == unstated


def test_licence_and_language_may_be_given(tmp_path):
    old = "---\nlicense: other\n---\n# Moods\n"
    metadata, body, unstated = card_of(old, tmp_path, licence="mit", language="de")
    assert ("mit", "de", ()) == (metadata["license"], metadata["language"], unstated)
    assert "# Moods\n" == body


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_a_card_says_already_stays(tmp_path, end):
    old = end.join(
        ["---", "license: mit", "tags: cats", "pipeline_tag: other", "x: [1]", "---", "", "Hi", ""]
    )
    metadata, body, _ = card_of(old, tmp_path)
    assert ("mit", "other", [1]) == tuple(metadata[k] for k in ("license", "pipeline_tag", "x"))
    assert ["cats", "emoconv", "emotion-detection", "multi-label"] == metadata["tags"]
    assert "Hi" == body.strip()


def test_a_line_of_a_card_further_down_is_no_metadata(tmp_path):
    old = "# Moods\n\n---\nlicense: mit\n---\n"
    metadata, body, _ = card_of(old, tmp_path)
    assert ("license" in metadata, old) == (False, body)


@pytest.mark.parametrize("front", ["a: [", "- 1", "text", "a: !!python/object/apply:os.abort []"])
def test_metadata_that_cannot_be_read_names_the_card(tmp_path, front):
    with pytest.raises(DataError, match=r"README.md:1: its metadata is "):
        card_of(f"---\n{front}\n---\n", tmp_path / "README.md")


def test_empty_metadata_is_none(tmp_path):
    assert "emoconv" == card_of("---\n---\nHi\n", tmp_path)[0]["library_name"]


def test_a_bundle_without_a_card_gets_one_of_what_is_known(tmp_path):
    body = card_of("", tmp_path)[1]
    assert body.startswith("# moods\n\nA text CNN of emoconv that gives each text any number of 5 ")
    assert "labels: joy, anger, confusion, neutral, boredom." in body


def test_figures_and_data_of_the_shipped_model_are_on_its_card(tmp_path):
    bundle = read_bundle(shipped_bundle())
    assert GOEMOTIONS_TRAIN_SHA256 == bundle.provenance["train"]["sha256"]
    metadata = card_of("# Moods\n", tmp_path, bundle)[0]
    figures = bundle.provenance["dev_figures"]
    (index,) = metadata["model-index"]
    (result,) = index["results"]
    assert ["google-research-datasets/go_emotions"] == metadata["datasets"]
    assert ("moods", "validation") == (index["name"], result["dataset"]["split"])
    assert "google-research-datasets/go_emotions" == result["dataset"]["type"]
    assert {
        "micro F1": round(figures["micro"]["f1"], 4),
        "macro F1": round(figures["macro"]["f1"], 4),
        "mean average precision": round(figures["average_precision"], 4),
    } == {metric["name"]: metric["value"] for metric in result["metrics"]}


@pytest.mark.parametrize(
    ("provenance", "stated", "kind", "name"),
    [
        ({"dev": {"name": "dev.csv"}}, "", "dev.csv", "dev.csv"),
        ({}, "", "validation", "validation"),
        ({}, "---\ndatasets: mine/cats\n---\n", "mine/cats", "validation"),
        ({}, "---\ndatasets: [mine/cats, b]\n---\n", "mine/cats", "validation"),
    ],
)
def test_figures_are_told_with_the_data_they_are_of(tmp_path, provenance, stated, kind, name):
    known = provenance | {"dev_figures": {"macro": {"f1": 0.5}, "micro": "good"}}
    bundle = dataclasses.replace(untrained_bundle(), provenance=known)
    (index,) = card_of(stated, tmp_path, bundle)[0]["model-index"]
    (result,) = index["results"]
    assert [{"type": "f1", "name": "macro F1", "value": 0.5}] == result["metrics"]
    assert (kind, f"{name}, which chose the thresholds") == (
        result["dataset"]["type"],
        result["dataset"]["name"],
    )


@pytest.mark.parametrize("provenance", [{"train": "cats", "dev_figures": "good", "dev": 3}, {}])
def test_a_provenance_of_another_maker_is_left_out(tmp_path, provenance):
    bundle = dataclasses.replace(untrained_bundle(), provenance=provenance)
    assert {"datasets", "metrics", "model-index"}.isdisjoint(card_of("", tmp_path, bundle)[0])


def test_a_card_that_is_not_utf8_is_read_all_the_same(model, tmp_path):
    for name in BUNDLE_FILES:
        (tmp_path / name).write_bytes((model / name).read_bytes())
    (tmp_path / "README.md").write_bytes(b"# M\xffods\n")
    card = hub_files(tmp_path, name="moods").files["README.md"]
    assert card.decode().endswith("\n# M\ufffdods\n")


def test_a_card_without_the_extra_says_which_to_install(model, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'emoconv\[hub\]'"):
        write_hub_folder(model, tmp_path / "out")
    assert [] == list(tmp_path.iterdir())
