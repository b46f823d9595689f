import base64
import dataclasses
import datetime as dt
import hashlib
import importlib
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emoconv import metrics
from emoconv.bundle import read_bundle
from emoconv.data import Dataset
from emoconv.errors import MissingExtraError
from emoconv.explanation import Phrase
from emoconv.labels import GOEMOTIONS, LabelSet
from emoconv.report.page import Behaviour, Subject
from emoconv.report.page.charts import heatmap, line_chart, round_ticks
from emoconv.report.page.making import history_charts, making_rows, settings_rows, warnings
from emoconv.report.page.marking import Piece, mark
from emoconv.report.page.mistakes import Swap, hardest_pairs, worst_mistakes
from emoconv.report.page.published import OFFICIAL_TEST, published_for
from emoconv.report.page.rendering import render_page, write_page
from emoconv.report.page.slices import text_slices
from emoconv.thresholds import Thresholds

DATA = Path(__file__).parents[1] / "data"
DAY = dt.date(2026, 1, 2)
EVIL = "<script>alert('x')</script> & \"quoted\" <b>bold"
SECTIONS = [
    *("summary", "emotions", "cuts", "calibration", "coverage", "confusion", "together"),
    *("errors", "conflicts", "slices", "behaviour", "model"),
]


class Why:
    def __init__(self, text):
        self.words = (Phrase(0, 4, text[:4], 2.0), Phrase(5, 9, text[5:9], -1.0))
        self.phrases = (Phrase(0, 9, text[:9], 2.5),)


def subject(*, labels=GOEMOTIONS, n=60, resamples=20, text=EVIL, **changes):
    rng = np.random.default_rng(0)
    y = rng.random((n, len(labels))) < 0.2
    p = (0.3 * y + 0.7 * rng.random(y.shape)).astype(np.float32)
    cuts = Thresholds.fixed(0.5, len(labels))
    predicted = cuts.decide(p)
    texts = [f"{text} number {i // 2}" for i in range(n)]
    fields = {
        "name": "some.tsv",
        "dataset": Dataset(texts, y, labels),
        "probabilities": p,
        "predicted": predicted,
        "evaluation": metrics.evaluate(
            y=y,
            predicted=predicted,
            probabilities=p,
            labels=labels,
            thresholds=cuts.values,
            resamples=resamples,
        ),
        "cuts": cuts,
        "bundle": read_bundle(DATA / "bundle_v2"),
        "model": "bundle <two>",
        "resamples": resamples,
        "explain": lambda text, _: Why(text),
        "curve": metrics.risk_coverage(y=y, predicted=predicted, probabilities=p),
        "behaviour": [Behaviour("negation", 3, 4, "not <happy> is no joy")],
    }
    return Subject(**{**fields, **changes})


class Reader(HTMLParser):
    """Collects what tests ask about; fails where elements are not closed as they were opened."""

    VOID = frozenset({"meta", "br", "link", "img", "hr", "input"})

    def __init__(self):
        super().__init__()
        self.open, self.elements, self.texts, self.scripts = [], [], [], []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert tag == self.open.pop()

    def handle_data(self, data):
        (self.scripts if self.open and self.open[-1] == "script" else self.texts).append(data)


def read_page(html):
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert [] == reader.open
    return reader


@pytest.fixture(scope="module")
def html():
    return render_page(subject(), made_on=DAY)


@pytest.fixture(scope="module")
def page(html):
    return read_page(html)


def attributes(page, tag):
    return [found for name, found in page.elements if name == tag]


def test_all_sections_are_there_in_order_and_in_the_contents(page):
    assert SECTIONS == [found["id"] for found in attributes(page, "section")]
    assert [f"#{name}" for name in SECTIONS] == [
        found["href"] for found in attributes(page, "a") if found["href"].startswith("#")
    ]


def test_ids_are_given_once_and_labels_name_ids_that_are_there(page):
    ids = [found["id"] for _, found in page.elements if "id" in found]
    assert len(set(ids)) == len(ids)
    named = {v for _, found in page.elements for k, v in found.items() if k == "aria-labelledby"}
    assert named <= set(ids)


def test_nothing_is_loaded_from_anywhere(html, page):
    loading = {"src", "srcset", "poster", "data", "action", "formaction", "xlink:href"}
    assert set() == loading & {key for _, found in page.elements for key in found}
    assert [] == attributes(page, "link") + attributes(page, "img") + attributes(page, "iframe")
    assert "url(" not in html
    assert "@import" not in html


def test_a_texts_markup_is_shown_and_not_run(html, page):
    assert 1 == html.count("<script>")
    assert "&lt;script&gt;alert(" in html
    assert EVIL in "".join(page.texts)
    assert "bundle &lt;two&gt;" in html
    assert "not &lt;happy&gt;" in html


def test_the_policy_allows_the_one_script_by_its_hash_and_no_address(page):
    (policy,) = (f["content"] for f in attributes(page, "meta") if "http-equiv" in f)
    (script,) = page.scripts
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")


def test_no_element_has_a_script_of_its_own(page):
    assert [] == [key for _, found in page.elements for key in found if key.startswith("on")]


def test_every_table_has_a_caption_and_heads_with_a_scope(page):
    tables = [tag for tag, _ in page.elements if tag in ("table", "caption")]
    assert ["table", "caption"] * (len(tables) // 2) == tables
    assert {"col", "row"} == {found["scope"] for found in attributes(page, "th")}


def test_every_picture_says_what_it_is(page):
    pictures = [found for found in attributes(page, "svg") if "aria-hidden" not in found]
    assert len(pictures) >= 7
    assert all(found["role"] == "img" and found["aria-label"] for found in pictures)


def rows_of(html, caption):
    table = html[html.index(f"<caption>{caption}</caption>") :]
    table = table[: table.index("</table>")]
    rows = re.findall(r"<tr.*?</tr>", table, flags=re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows][1:]


def test_the_table_has_the_evaluations_figures(html):
    evaluation = subject().evaluation
    rows = rows_of(html, "Figures of each emotion")
    assert len(evaluation.per_label) + 3 == len(rows)
    for scores, row in zip(evaluation.per_label, rows, strict=False):
        low, high = scores.f1_interval.low, scores.f1_interval.high
        assert [
            scores.label,
            f"{scores.support:,}",
            f"{scores.f1:.3f}",
            f"{low:.3f} to {high:.3f}",
            f"{scores.precision:.3f}",
            f"{scores.recall:.3f}",
            f"{scores.average_precision:.3f}",
            f"{scores.calibration_error:.3f}",
            "0.500",
            f"{scores.predicted:,}",
        ] == row
    for name, row in zip(("micro", "macro", "weighted"), rows[-3:], strict=True):
        assert [name, "", f"{getattr(evaluation, name).f1:.3f}"] == row[:3]


def test_the_head_has_the_averages_with_their_intervals(html):
    evaluation = subject().evaluation
    head = html[html.index('id="summary"') : html.index('id="emotions"')]
    for scores in (evaluation.micro, evaluation.macro):
        assert f">{scores.f1:.3f}</span><br>{scores.f1_interval.low:.3f} to" in head
    assert f">{evaluation.average_precision:.3f}</span>" in head


def test_bars_are_as_long_as_f1_and_the_best_is_first(html):
    widths = [float(w) for w in re.findall(r'class="fill" style="width:([\d.]+)%"', html)]
    expected = sorted((100 * s.f1 for s in subject().evaluation.per_label), reverse=True)
    assert expected == pytest.approx(widths, abs=0.06)


def test_the_same_subject_gives_the_same_page(html):
    assert html == render_page(subject(), made_on=DAY)


def test_a_page_bears_todays_date_if_no_other_is_given(html):
    today = f"{dt.datetime.now(dt.UTC).date()}"
    assert html.replace("2026-01-02", today) == render_page(subject())


def test_words_are_marked_by_what_they_speak_for(html):
    assert '<mark class="for" style="--s:1.0">&lt;scr</mark>' in html
    assert '<mark style="--s:0.5">' in html
    assert "“&lt;script&gt;a” +2.50" in html


def test_a_page_does_without_what_is_not_known():
    bare = subject(
        labels=LabelSet(("joy", "fear")),
        n=1,
        resamples=0,
        explain=None,
        curve=None,
        behaviour=(),
        bundle=dataclasses.replace(subject().bundle, provenance={}, history=[]),
    )
    html = render_page(bare, made_on=DAY)
    page = read_page(html)
    assert [s for s in SECTIONS if s not in ("coverage", "behaviour")] == [
        found["id"] for found in attributes(page, "section")
    ]
    assert [] == attributes(page, "mark")
    assert "No text is in the data twice with different labels." in html
    assert "dark lines: 95 % intervals" not in html


def test_half_a_surrogate_pair_does_not_stop_the_page():
    html = render_page(subject(text="half \ud83d of it"), made_on=DAY)
    assert "half ? of it" in html
    html.encode()


def test_writing_makes_the_folder_and_leaves_nothing_else(tmp_path, html):
    write_page(tmp_path / "new" / "report.html", subject(), made_on=DAY)
    assert ["report.html"] == [path.name for path in (tmp_path / "new").iterdir()]
    assert html == (tmp_path / "new" / "report.html").read_bytes().decode()


def test_a_failed_page_leaves_the_old_one(tmp_path):
    path = tmp_path / "report.html"
    path.write_text("old")
    with pytest.raises(AttributeError):
        write_page(path, subject(evaluation=None))
    assert "old" == path.read_text()


def test_without_jinja_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    monkeypatch.delitem(sys.modules, "emoconv.report.page.rendering")
    with pytest.raises(MissingExtraError, match=r"report needs .* pip install 'emoconv\[report\]"):
        importlib.import_module("emoconv.report.page.rendering")


def test_conflicting_labels_are_listed(html):
    rows = rows_of(html, "Those of most rows")
    assert 15 == len(rows)
    assert all("number" in text and "(1)" in labels for text, labels in rows)


def test_the_worst_mistake_is_the_surest_and_a_text_is_named_once():
    labels = LabelSet(("joy", "fear"))
    y = np.array([[True, False], [True, False], [False, True], [False, False]])
    p = np.array([[0.2, 0.9], [0.1, 0.7], [0.3, 0.4], [0.1, 0.6]], dtype=np.float32)
    options = {"y": y, "predicted": p >= 0.5, "probabilities": p, "labels": labels}
    texts = ["a", "b", "c", "b"]
    missed = worst_mistakes(texts, missed=True, **options)
    assert [("b", "joy"), ("a", "joy"), ("c", "fear")] == [(m.text, m.label) for m in missed]
    alarms = worst_mistakes(texts, missed=False, **options)
    assert [("a", 0.9), ("b", 0.7)] == [(m.text, pytest.approx(m.probability)) for m in alarms]
    assert [-np.log(0.1), -np.log(0.3)] == pytest.approx([m.loss for m in alarms], rel=1e-5)
    assert [(("joy",), ("fear",))] == [(m.gold, m.predicted) for m in alarms[:1]]
    assert 1 == len(worst_mistakes(texts, missed=True, count=1, **options))


def test_the_hardest_pairs_are_those_swapped_most_often():
    y = np.array([[True, False, False]] * 4 + [[False, True, False]])
    said = np.array([[False, True, False]] * 2 + [[True, False, True], [False, False, True]] * 1)
    said = np.vstack([said, [[True, False, False]]])
    assert [Swap("a", "b", 2, 0.5), Swap("a", "c", 1, 0.25), Swap("b", "a", 1, 1.0)] == (
        hardest_pairs(y=y, predicted=said, labels=LabelSet(("a", "b", "c")))
    )


def test_slices_of_one_kind_hold_each_text_once():
    texts = ["", "oh 😀", "one two three four five six", "A b c d e f g h i j k?", "NO " * 30]
    found = text_slices(texts)
    lengths = [found[name] for name in list(found)[:4]]
    np.testing.assert_array_equal(np.ones(5), np.sum(lengths, axis=0))
    assert [0, 0, 1, 2, 3] == np.argmax(lengths, axis=0).tolist()
    assert [1] == np.flatnonzero(found["with emoji"]).tolist()
    assert [3] == np.flatnonzero(found["a question"]).tolist()
    assert [4] == np.flatnonzero(found["with words in capitals"]).tolist()
    assert [4] == np.flatnonzero(found["with a negation"]).tolist()
    for one, other in (("with emoji", "without emoji"), ("a question", "no question")):
        np.testing.assert_array_equal(found[one], ~found[other])


def test_pieces_are_the_text():
    text = "so very happy"
    words = [Phrase(0, 2, "so", 0.01), Phrase(3, 7, "very", -0.5), Phrase(8, 13, "happy", 1.0)]
    pieces = mark(text, words)
    assert text == "".join(piece.text for piece in pieces)
    plain = {"strength": 0.0, "speaks_for": False}
    assert [
        Piece("so ", **plain),
        Piece("very", strength=0.5, speaks_for=False),
        Piece(" ", **plain),
        Piece("happy", strength=1.0, speaks_for=True),
    ] == pieces
    nothing = [Phrase(0, 2, "so", 0.0)]
    assert [Piece(text, **plain)] == mark(text, nothing) == mark(text, [])


def test_lines_lie_between_the_first_and_the_last_ticks():
    chart = line_chart(
        {"x": ([0, 1], [0, 10])},
        title="t",
        x_name="x",
        y_name="y",
        x_ticks=[0, 1],
        y_ticks=[0, 10],
        marks=[(1, 10)],
    )
    (line,) = chart.lines
    assert ((chart.left, chart.bottom), (chart.right, chart.top)) == line.dots
    assert (line.dots[1],) == chart.marks


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0.083, 0.0943], [0.08, 0.085, 0.09, 0.095]),
        ([1, 6], [1, 2, 3, 4, 5, 6]),
        ([0, 0], [0, 1e-10]),
        ([5, 5], [5, 5.001]),
        ([0, 1000], [0, 200, 400, 600, 800, 1000]),
    ],
)
def test_ticks_are_round_and_hold_the_values(values, ticks):
    found = round_ticks(values)
    assert ticks == pytest.approx(found)
    assert found[0] <= min(values) <= max(values) <= found[-1]


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=5), st.integers(4, 9))
def test_ticks_are_few_and_hold_any_values(values, at_most):
    found = round_ticks(values, at_most=at_most)
    assert 2 <= len(found) <= at_most
    slack = 1e-6 * (found[1] - found[0])
    assert found[0] - slack <= min(values) <= max(values) <= found[-1] + slack


def test_a_heatmap_leaves_out_what_would_be_none_in_percent():
    found = heatmap(
        np.array([[0.64, 0.004], [0.16, 0.0]]), ["a", "b"], title="t", saying="{row}>{column}"
    )
    assert [(1.0, "a>a"), (0.5, "b>a")] == [(cell.darkness, cell.says) for cell in found.cells]
    assert 0.64 == found.darkest


def test_how_a_model_was_made_is_told_as_far_as_it_is_known():
    bundle = read_bundle(DATA / "bundle_v2")
    made = dataclasses.replace(
        bundle,
        provenance={
            "train": {"rows": 1234, "sha256": "0123456789abcdef" * 4, "flag": True, "what": None},
            "teachers": [{"name": "x", "size": 0.5}],
            "dev_figures": {"micro": {"f1": 0.5}, "macro": {"f1": 0.25}},
        },
    )
    rows = dict(making_rows(made, Thresholds.fixed(0.5, 28)))
    expected = {
        "train rows": "1,234",
        "train sha256": "0123456789abcdef…",
        "train flag": "yes",
        "train what": "-",
        "teachers": "x 0.5",
        "figures on validation data": "micro F1 0.500, macro F1 0.250",
        "cuts": "rule fixed",
        "fingerprint": made.fingerprint()[:16],
    }
    assert expected == {name: rows[name] for name in expected}
    strange = dataclasses.replace(bundle, provenance={"train": "here", "dev_figures": {"micro": 1}})
    rows = dict(making_rows(strange, bundle.thresholds))
    assert "here" == rows["train"]
    assert "figures on validation data" not in rows
    assert ("model.filters", f"{bundle.config.model.filters}") in settings_rows(bundle)


def test_training_is_drawn_from_two_epochs_on():
    history = [{"epoch": i, "train_loss": 0.3 / i, "dev_loss": 0.2, "other": 1} for i in (1, 2, 3)]
    assert [] == history_charts(history[:1])
    (chart,) = history_charts(history)
    assert ["training", "validation"] == [line.name for line in chart.lines]
    assert ["1", "2", "3"] == [tick.text for tick in chart.x_ticks]
    charts = history_charts([{**row, "dev_macro_f1": 0.5} for row in history])
    assert ["Loss", "On validation data"] == [chart.title for chart in charts]


def test_a_model_that_has_seen_the_data_is_warned_of():
    one = subject()
    seen = {"sha256": one.dataset.fingerprint()}
    for part, words in (("train", "learnt from some.tsv"), ("dev", "cuts were chosen on some.tsv")):
        bundle = dataclasses.replace(one.bundle, provenance={part: seen})
        found = warnings(bundle, one.dataset, one.bundle.thresholds, "some.tsv")
        assert [True] == [words in warning for warning in found]
    assert [] == warnings(one.bundle, one.dataset, one.bundle.thresholds, "some.tsv")
    assert 1 == len(warnings(one.bundle, one.dataset, one.cuts, "some.tsv"))


def test_published_figures_are_those_of_the_benchmarks():
    root = Path(__file__).parents[2]
    theirs = json.loads((root / "benchmarks/published.json").read_text(encoding="utf-8"))
    file = root / "src/emoconv/report/page/published.json"
    for model in json.loads(file.read_text(encoding="utf-8")):
        of = next(m for m in theirs if m["name"].startswith(model["name"]))
        f1 = {label: rates[2] for label, rates in (of["per_label"] or {}).items()}
        assert f1 == model["f1"]
        names = ("source", "macro_f1", "micro_f1")
        assert [of[name] for name in names] == [model[name] for name in names]


def test_published_figures_stand_beside_the_official_test_alone(monkeypatch, html):
    one = subject()
    assert () == published_for(one.dataset)
    assert "Published" not in html
    monkeypatch.setattr("emoconv.report.page.published.OFFICIAL_TEST", one.dataset.fingerprint())
    shown = read_page(render_page(one, made_on=DAY))
    text = "".join(shown.texts)
    assert "F1 of DistilBERT" in text
    assert "BERT-base, Google, macro F1 0.460" in text
    links = [f for f in attributes(shown, "a") if not f["href"].startswith("#")]
    assert {"noreferrer"} == {found["rel"] for found in links}


def test_the_official_test_split_is_known_by_its_fingerprint(real_data):
    from emoconv.data import read  # noqa: PLC0415 - only with the real data

    assert OFFICIAL_TEST == read(real_data / "goemotions/test.tsv").fingerprint()
