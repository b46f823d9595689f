import importlib
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from matplotlib.colors import to_hex

from emoconv.errors import ConfigError, MissingExtraError
from emoconv.labels import GOEMOTIONS, LabelSet, Taxonomy
from emoconv.metrics import evaluate, reliability
from emoconv.report import plots, write_plots
from emoconv.thresholds import FINE_CUTS, sweep

HISTORY = [
    {"epoch": 1, "train_loss": 0.3, "dev_loss": 0.25, "dev_micro_f1": 0.4, "dev_macro_f1": 0.3},
    {"epoch": 2, "train_loss": 0.2, "dev_loss": 0.22, "dev_micro_f1": 0.5, "dev_macro_f1": 0.4},
]


def scores(labels=28, n=200):
    rng = np.random.default_rng(0)
    y = rng.random((n, labels)) < 0.2
    return y, (0.3 * y + 0.7 * rng.random(y.shape)).astype(np.float32)


def evaluation(names=GOEMOTIONS, **options):
    y, p = scores(len(names))
    return evaluate(y=y, predicted=p >= 0.5, probabilities=p, labels=names, **options)


def test_bars_are_sorted_with_the_best_on_top():
    one = evaluation()
    (axes,) = plots.f1_per_label(one).axes
    widths = [bar.get_width() for bar in axes.patches]
    assert sorted(scores.f1 for scores in one.per_label) == widths


def test_each_bar_says_its_label_support_and_value():
    one = evaluation()
    (axes,) = plots.f1_per_label(one).axes
    best = max(one.per_label, key=lambda s: s.f1)
    assert f"{best.label}  ({best.support})" == axes.get_yticklabels()[-1].get_text()
    words = [text.get_text() for text in axes.texts]
    assert f"{best.f1:.2f}" in words
    assert f"macro {one.macro.f1:.3f}" in words


def test_bars_are_coloured_by_group_and_the_groups_named():
    names = LabelSet(("joy", "anger", "surprise", "neutral", "something else"))
    (axes,) = plots.f1_per_label(evaluation(names)).axes
    assert ["positive", "negative", "ambiguous", "neutral"] == [
        text.get_text() for text in axes.get_legend().get_texts()
    ]
    colour_of = {
        tick.get_text().split("  ")[0]: to_hex(bar.get_facecolor())
        for tick, bar in zip(axes.get_yticklabels(), axes.patches, strict=True)
    }
    assert 4 == len(set(colour_of.values()))
    assert colour_of["neutral"] == colour_of["something else"]


def test_labels_of_no_group_have_no_legend():
    (axes,) = plots.f1_per_label(evaluation(LabelSet(("ham", "spam")))).axes
    assert axes.get_legend() is None


def test_another_grouping_may_colour_the_bars():
    groups = Taxonomy("mail", {"wanted": ("ham",), "unwanted": ("spam",)})
    (axes,) = plots.f1_per_label(evaluation(LabelSet(("ham", "spam"))), groups=groups).axes
    assert ["wanted", "unwanted"] == [t.get_text() for t in axes.get_legend().get_texts()]


def test_whiskers_span_the_intervals_where_there_are_any():
    one = evaluation(resamples=50)
    (axes,) = plots.f1_per_label(one).axes
    worst = min(one.per_label, key=lambda s: s.f1)
    (segment,) = axes.collections[1].get_segments()  # the first is the white edge
    assert [worst.f1_interval.low, worst.f1_interval.high] == segment[:, 0].tolist()
    assert axes.get_xlabel().endswith("lines: 95 % intervals")
    (without,) = plots.f1_per_label(evaluation()).axes
    assert 0 == len(without.collections)
    assert not without.get_xlabel().endswith("intervals")


@pytest.mark.parametrize(("cut", "side"), [(0.5, "left"), (0.0, "right")])
def test_the_macro_line_keeps_its_words_inside(cut, side):
    y = np.ones((4, 2), dtype=np.bool_)
    p = np.full(y.shape, 0.3, dtype=np.float32)
    one = evaluate(y=y, predicted=p >= cut, probabilities=p, labels=LabelSet(("ham", "spam")))
    (axes,) = plots.f1_per_label(one).axes
    (words,) = [text for text in axes.texts if text.get_text().startswith("macro")]
    assert side == words.get_ha()


def test_rates_against_the_cut_name_the_best():
    rows = sweep(*scores(), FINE_CUTS)
    micro, macro = plots.rates_against_cut(rows).axes
    best = max(rows, key=lambda row: row.micro.f1)
    assert f"Micro: best F1 {best.micro.f1:.3f}, at {best.cut:.2f}" == micro.get_title("left")
    assert macro.get_title("left").startswith("Macro: best F1 ")
    precision, recall, f1 = micro.lines[:3]
    assert [row.micro.precision for row in rows] == precision.get_ydata().tolist()
    assert [row.micro.recall for row in rows] == recall.get_ydata().tolist()
    assert [row.micro.f1 for row in rows] == f1.get_ydata().tolist()


def test_training_curves_draw_what_the_history_holds():
    losses, measures = plots.training_curves(HISTORY).axes
    assert ["training", "validation"] == [line.get_label() for line in losses.lines]
    assert ["micro F1", "macro F1"] == [line.get_label() for line in measures.lines]
    assert [0.25, 0.22] == losses.lines[1].get_ydata().tolist()


def test_one_epoch_is_a_training_curve_with_whole_epochs():
    figure = plots.training_curves(HISTORY[:1])
    figure.canvas.draw()
    ticks = [tick.get_text() for tick in figure.axes[0].get_xticklabels()]
    assert "1" in ticks
    assert all("." not in tick for tick in ticks)


def test_a_reliability_diagram_shows_the_bins_and_the_error():
    one = reliability(*scores())
    above, below = plots.reliability_diagram(one).axes
    assert one.frequency.tolist() == above.lines[1].get_ydata().tolist()
    assert f"expected calibration error {one.error:.4f}" == above.texts[0].get_text()
    assert one.count.tolist() == [bar.get_height() for bar in below.patches]


def test_a_png_is_a_png_and_an_svg_an_svg(tmp_path):
    figure = plots.training_curves(HISTORY)
    plots.save(figure, tmp_path / "a.png")
    plots.save(figure, tmp_path / "a.SVG")
    assert b"\x89PNG" == (tmp_path / "a.png").read_bytes()[:4]
    assert ET.parse(tmp_path / "a.SVG").getroot().tag.endswith("svg")  # noqa: S314 - our own file


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_the_same_figures_give_the_same_bytes(tmp_path, ending):
    for name in ("one", "two"):
        plots.save(plots.f1_per_label(evaluation(resamples=5)), tmp_path / f"{name}.{ending}")
    one, two = ((tmp_path / f"{name}.{ending}").read_bytes() for name in ("one", "two"))
    assert one == two
    assert b"<dc:date>" not in one


@pytest.mark.parametrize("name", ["plot.pdf", "plot"])
def test_another_ending_is_refused(tmp_path, name):
    with pytest.raises(ConfigError, match=r"ends in '(\.pdf)?'; expected \.png or \.svg"):
        plots.save(plots.training_curves(HISTORY), tmp_path / name)


def test_every_plot_is_written_twice(tmp_path):
    y, p = scores()
    one, folder = evaluation(), tmp_path / "new" / "folder"
    written = write_plots(folder, evaluation=one, y=y, probabilities=p, history=HISTORY)
    names = ("f1", "cuts", "reliability", "training")
    assert [folder / f"{n}.{e}" for n in names for e in ("png", "svg")] == written
    assert all(path.stat().st_size > 1000 for path in written)


def test_without_a_history_there_is_no_training_plot(tmp_path):
    y, p = scores()
    written = write_plots(
        tmp_path, evaluation=evaluation(), y=y, probabilities=p, title="words " * 20
    )
    assert {"f1", "cuts", "reliability"} == {path.stem for path in written}


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "emoconv.report.plots")
    with pytest.raises(MissingExtraError, match=r"plotting needs .*pip install 'emoconv\[report\]"):
        importlib.import_module("emoconv.report.plots")


def test_tables_need_no_matplotlib_and_plots_no_pyplot():
    code = """
import sys
import emoconv.report
assert "matplotlib" not in sys.modules
import emoconv.report.plots
assert "matplotlib.pyplot" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
