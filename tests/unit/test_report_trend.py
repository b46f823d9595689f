import importlib
import sys

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex

from emoconv.errors import MissingExtraError
from emoconv.metrics.shares import wilson
from emoconv.report.plots import save
from emoconv.report.trend import emotions_over_time

EDGES = np.datetime64("2024-01-01", "s") + np.arange(6) * np.timedelta64(86_400, "s")
TEXTS = np.array([100, 0, 50, 80, 10])
COUNTS = {"joy": np.array([20, 0, 5, 8, 2]), "fear": np.array([0, 0, 0, 0, 0])}


def figure(**options):
    return emotions_over_time(EDGES, TEXTS, COUNTS, every="day", **options)


def test_each_emotion_has_a_panel_and_the_texts_the_last():
    titles = [axes.get_title(loc="left") for axes in figure().axes]
    assert ["joy", "fear", "texts"] == titles


def test_each_panel_says_the_share_of_all_texts():
    joy, fear, texts = (axes.get_title(loc="right") for axes in figure().axes)
    assert ("14.6 %", "0.0 %", "240") == (joy, fear, texts)


def test_a_line_is_of_the_shares_with_a_gap_where_there_are_no_texts():
    line = figure().axes[0].lines[0]
    np.testing.assert_allclose([0.2, np.nan, 0.1, 0.1, 0.2], line.get_ydata())
    middles = EDGES[:-1] + np.timedelta64(43_200, "s")
    np.testing.assert_array_equal(middles, line.get_xdata())


def test_the_band_holds_the_line():
    axes = figure().axes[0]
    low, high = wilson(COUNTS["joy"], TEXTS)
    (band,) = axes.collections
    found = [part for part in band.get_paths()[0].vertices[:, 1].tolist() if part]
    assert {round(end, 9) for end in (low[0], high[0])} <= {round(end, 9) for end in found}
    assert "#0072b2" == to_hex(band.get_facecolor()[0]) == to_hex(axes.lines[0].get_color())


def test_all_panels_share_the_axis_of_time_from_the_first_start_to_the_last_end():
    limits = {axes.get_xlim() for axes in figure().axes}
    ((start, end),) = limits
    assert 5 == end - start


def test_few_periods_are_dots_and_many_a_thin_line():
    many = 150
    edges = EDGES[0] + np.arange(many + 1) * np.timedelta64(3_600, "s")
    drawn = emotions_over_time(
        edges, np.full(many, 9), {"joy": np.full(many, 3)}, every="hour"
    ).axes[0]
    few = figure().axes[0].lines[0]
    assert ("", "o") == (drawn.lines[0].get_marker(), few.get_marker())
    assert drawn.lines[0].get_linewidth() < few.get_linewidth()


def test_one_period_can_be_drawn(tmp_path):
    save(
        emotions_over_time(EDGES[:2], TEXTS[:1], {"joy": COUNTS["joy"][:1]}, every="day"),
        tmp_path / "one.png",
    )
    assert (tmp_path / "one.png").stat().st_size > 0


def test_the_head_says_what_is_seen_and_no_word_lies_on_another():
    drawn = figure(title="Feelings", source="scored.parquet, 240 texts " + 12 * "and more ")
    canvas = FigureCanvasAgg(drawn)
    canvas.draw()
    renderer = canvas.get_renderer()
    first = drawn.axes[0]
    head = [text for text in first.texts if text.get_text()]
    words = " ".join(text.get_text() for text in head)
    assert "share of the texts of each day, band: 95 % interval" in words
    boxes = [text.get_window_extent(renderer) for text in (*head, first._left_title)]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])
    assert all(drawn.bbox.x0 <= box.x0 and box.x1 <= drawn.bbox.x1 for box in boxes)
    assert all(box.y1 <= drawn.bbox.y1 for box in boxes)


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "emoconv.report.trend")
    with pytest.raises(MissingExtraError, match=r"pip install 'emoconv\[report\]"):
        importlib.import_module("emoconv.report.trend")
