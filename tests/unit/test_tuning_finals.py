"""The end of a search: several seeds, the half held out, and what is written of it."""

import json
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import numpy as np
import pytest

from emoconv.config import Config, from_dict, to_dict
from emoconv.detector import EmotionDetector
from emoconv.errors import EmoconvError
from emoconv.metrics import Difference, Interval, compare
from emoconv.train import load_recipe
from emoconv.tuning import finals as finals_module
from emoconv.tuning.bench import Bench, Task
from emoconv.tuning.charts import curves, history, slices
from emoconv.tuning.finals import Entry, FinalRun, Finals, compare_runs, run_finals
from emoconv.tuning.outcome import Outcome, write_outcome
from emoconv.tuning.page import render_page, write_page
from emoconv.tuning.parameters import Choices, Range
from emoconv.tuning.records import TrialRecord, best_trials, tally
from emoconv.tuning.space import Space
from trainings import small_config, weather
from tunings import SPACE, NoBar

SMALL = Space({"training.learning_rate": Range(low=0.001, high=0.1, scale="log", why="because")})


@pytest.fixture(scope="module")
def bench():
    start = small_config("training.epochs=1", "training.learning_rate=0.001")
    task = Task(train=weather(120), dev=weather(80, seed=1), start=start, space=SMALL)
    return Bench(task, NoBar())


def record(number, value, rate, **options):
    reached = value or 0.0
    rows = tuple({"epoch": e, "macro_f1": reached * e / 3, "micro_f1": reached} for e in (1, 2, 3))
    about = {"standing": "complete", "history": rows, "seconds": 61.0, "place": "here 1"}
    values = {"training.learning_rate": rate}
    return TrialRecord(number=number, value=value, values=values, **{**about, **options})


TRIALS = (
    record(0, 0.3, 0.001, is_start=True),
    record(1, 0.5, 0.03),
    record(2, 0.4, 0.01, standing="pruned"),
    record(3, 0.6, 0.05),
    record(4, 0.6, 0.05),
    record(5, None, 0.1, standing="failed", reason="MemoryError <b>", history=()),
    record(6, None, 0.1, standing="lost"),
)


def run(bench, folder, **options):
    heard = []
    arguments = {
        "finalists": 2,
        "seeds": 2,
        "folder": folder,
        "on_run": lambda trial, run: heard.append((trial.number, run.seed)),
        "on_failure": lambda trial, reason: heard.append((trial.number, reason)),
    }
    return run_finals(bench, TRIALS, **{**arguments, **options}), heard


def test_the_first_recipe_and_the_best_are_trained_with_every_seed(bench, tmp_path):
    found, heard = run(bench, tmp_path)
    assert [(0, 0), (0, 1), (3, 0), (3, 1), (1, 0), (1, 1)] == heard
    assert [0, 3, 1] == [entry.trial for entry in found.entries]
    assert found.start.is_start
    assert found.winner.mean("chosen_by") == max(e.mean("chosen_by") for e in found.entries)


def test_a_final_is_a_training_with_its_own_cuts_on_what_was_held_out(bench, tmp_path):
    found, _ = run(bench, tmp_path)
    config = SMALL.applied(bench.task.start, TRIALS[1].values)
    detector = EmotionDetector(bench.bundle(config, seed=1), engine="reference")
    decided = detector.predict(bench.held_out.texts)
    np.testing.assert_array_equal(decided, found.entries[2].runs[1].decided)


def test_finished_trainings_are_not_done_again(bench, tmp_path, monkeypatch):
    first, _ = run(bench, tmp_path)
    assert 6 == len(list(tmp_path.iterdir()))
    monkeypatch.setattr(bench, "bundle", lambda *_a, **_k: pytest.fail("trained again"))
    assert first.to_dict() == run(bench, tmp_path)[0].to_dict()


def failing(bench, monkeypatch, *, rate):
    def bundle(config, *, seed, real=bench.bundle):
        if config.training.learning_rate == rate and seed == 1:
            raise FloatingPointError("the loss is nan")
        return real(config, seed=seed)

    monkeypatch.setattr(bench, "bundle", bundle)


def test_a_finalist_that_fails_by_another_seed_leaves(bench, tmp_path, monkeypatch):
    failing(bench, monkeypatch, rate=0.05)
    found, heard = run(bench, tmp_path)
    assert (3, "FloatingPointError: the loss is nan") in heard
    assert [0, 1] == [entry.trial for entry in found.entries]


def test_a_first_recipe_that_fails_by_another_seed_ends_the_finals(bench, tmp_path, monkeypatch):
    failing(bench, monkeypatch, rate=0.001)
    with pytest.raises(EmoconvError, match="the recipe to begin from fails: FloatingPointError"):
        run(bench, tmp_path)


def test_where_another_recipe_wins_it_is_compared_on_what_was_held_out(
    bench, tmp_path, monkeypatch
):
    rising = iter(range(99))
    monkeypatch.setattr(finals_module, "measure", lambda *_a, **_k: {"macro_f1": next(rising)})
    found, _ = run(bench, tmp_path)
    assert 1 == found.winner.trial  # the last that was trained
    difference = found.differences["macro_f1"].estimate
    assert pytest.approx(found.winner.mean("macro_f1") - found.start.mean("macro_f1")) == difference


def test_where_the_first_recipe_wins_nothing_is_compared(bench, tmp_path, monkeypatch):
    monkeypatch.setattr(
        finals_module,
        "measure",
        lambda *_a, **_k: {"macro_f1": 1.0, "micro_f1": 1.0},
    )
    found, _ = run(bench, tmp_path)
    assert ({}, True) == (found.differences, found.winner.is_start)


def test_one_training_each_is_compared_as_two_models_are():
    rng = np.random.default_rng(0)
    y, a, b = (rng.random((200, 3)) < 0.3 for _ in range(3))
    ours = compare_runs(y, [a], [b], seed=4)
    theirs = compare(y=y, a=a, b=b, resamples=finals_module.RESAMPLES, seed=4)
    assert (theirs.macro_f1, theirs.micro_f1) == (ours["macro_f1"], ours["micro_f1"])


def test_seeds_that_differ_widen_an_interval():
    rng = np.random.default_rng(0)
    y = rng.random((300, 2)) < 0.5
    good, bad = y ^ (rng.random(y.shape) < 0.1), y ^ (rng.random(y.shape) < 0.4)
    alike = compare_runs(y, [bad, bad], [good, good], seed=0)["macro_f1"]
    apart = compare_runs(y, [bad, bad], [good, bad], seed=0)["macro_f1"]
    assert alike.interval.low > 0
    assert apart.standard_error > 2 * alike.standard_error
    assert pytest.approx(alike.estimate / 2) == apart.estimate


def final(*, winner=3, estimate=0.02, low=0.01, high=0.03, micro=(-0.01, 0.01)):
    """Finals of the first recipe and trial 3."""
    no_answers = np.zeros((1, 1), dtype=bool)
    entries = tuple(
        Entry(
            number,
            number == 0,
            tuple(FinalRun(seed, value, no_answers, value, value) for seed in (0, 1)),
        )
        for number, value in ((0, 0.3), (3, 0.55), (1, 0.5))
    )
    difference = Difference(estimate, Interval(low, high), 0.04, 0.005)
    beside = Difference(sum(micro) / 2, Interval(*micro), 0.04, 0.005)
    found = {} if winner == 0 else {"macro_f1": difference, "micro_f1": beside}
    return Finals(entries, next(e for e in entries if e.trial == winner), found)


def outcome(**options):
    about = {"rows": 1234, "sha256": "0123456789abcdef" * 4}
    start = Config(training=replace(Config().training, learning_rate=0.001))
    given = {
        "study": "emoconv",
        "storage": "sqlite:///out/study.db",
        "recipe": "small",
        "start": start,
        "space": SMALL,
        "objective": "macro_f1",
        "pruning": True,
        "data": {"to learn from": about, "to choose by": about, "held out": about},
        "vectors": ["v.txt"],
        "trials": TRIALS,
    }
    return Outcome(**{**given, **options})


@pytest.mark.parametrize(
    ("options", "verdict"),
    [
        (
            {},
            (
                "not compared yet: trial 3 has the highest macro F1 of 4 complete trials, which "
                "flatters it"
            ),
        ),
        (
            {"finals": final()},
            (
                "yes: trial 3 beats the recipe it began from, macro F1 +0.0200 (+0.0100 to "
                "+0.0300) on texts that the search had not seen"
            ),
        ),
        (
            {"finals": final(estimate=-0.02, low=-0.03, high=-0.01)},
            (
                "no: trial 3 is worse than the recipe it began from, macro F1 -0.0200 (-0.0300 to "
                "-0.0100) on texts that the search had not seen"
            ),
        ),
        (
            {"finals": final(low=-0.01)},
            (
                "not shown: trial 3 against the recipe it began from, macro F1 +0.0200 (-0.0100 to "
                "+0.0300) on texts that the search had not seen; a difference of 0.0140 in macro "
                "F1 would have shown, four times in five"
            ),
        ),
        (
            {"finals": final(micro=(-0.03, -0.01))},
            (
                "yes: trial 3 beats the recipe it began from, macro F1 +0.0200 (+0.0100 to "
                "+0.0300) on texts that the search had not seen, micro F1 -0.0200 (-0.0300 to "
                "-0.0100)"
            ),
        ),
        (
            {"finals": final(winner=0)},
            (
                "no: over 2 seeds no recipe of the search has a higher macro F1 than the one it "
                "began from, on the texts to choose by"
            ),
        ),
    ],
)
def test_the_verdict_says_what_was_shown(options, verdict):
    assert verdict == outcome(**options).verdict


def test_held_out_figures_are_told_of_what_is_compared_alone():
    told = final().to_dict()["entries"]
    assert [True, True, False] == ["macro_f1" in entry["means"] for entry in told]
    assert [True, True, False] == ["macro_f1" in entry["runs"][0] for entry in told]
    assert all("chosen_by" in entry["runs"][0] for entry in told)


def test_the_proposed_recipe_is_the_winners():
    assert 3 == outcome().best.number
    assert 1 == outcome(finals=replace(final(), winner=final().entries[2])).best.number
    assert 0.05 == outcome().config.training.learning_rate
    assert {"training.learning_rate": (0.001, 0.05)} == outcome().changes(TRIALS[3])
    assert {} == outcome().changes(TRIALS[0])


def test_a_first_recipe_that_is_not_complete_is_none():
    assert TRIALS[0] == outcome().first
    assert outcome(trials=TRIALS[1:]).first is None
    assert outcome(trials=TRIALS[1:]).summary()["start"]["value"] is None


def test_the_best_trials_are_told_once_and_tallied():
    assert [3, 1, 0] == [trial.number for trial in best_trials(TRIALS, 9)]
    assert {"complete": 4, "pruned": 1, "failed": 1, "lost": 1} == tally(TRIALS)
    assert 6 == sum(trial.counts for trial in TRIALS)


def test_the_recipe_file_is_one_to_train_by(tmp_path):
    write_outcome(outcome(), tmp_path / "new")
    assert outcome().config == load_recipe(str(tmp_path / "new/recipe.json"))
    study = json.loads((tmp_path / "new/study.json").read_text())
    assert outcome().config == from_dict(Config, study["recipe"])
    assert to_dict(outcome().start)["training"] == study["recipe_to_begin_from"]["training"]
    assert [trial.number for trial in TRIALS] == [trial["number"] for trial in study["trials"]]
    assert "MemoryError <b>" == study["trials"][5]["reason"]
    assert outcome().verdict == study["verdict"]
    assert {"recipe.json", "study.json"} == {path.name for path in (tmp_path / "new").iterdir()}


class Reader(HTMLParser):
    """Checks that tags are closed in order, and keeps texts, ids, links and sources."""

    EMPTY = frozenset({"meta", "link", "br"})

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.sources = [], set(), [], []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.ids |= {given["id"]} if "id" in given else set()
        self.links += [given["href"]] if "href" in given else []
        self.sources += [given["src"]] if "src" in given else []
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert tag == self.open.pop()


def read(page):
    reader = Reader()
    reader.feed(page)
    assert [] == reader.open
    return reader


PAGES = {
    "finals": {"finals": final(), "importances": {"training.learning_rate": 1.0}},
    "no finals": {},
    "no better": {"finals": final(winner=0)},
    "no first": {"trials": TRIALS[1:3], "pruning": False, "vectors": []},
    "one": {"trials": TRIALS[:1]},
    "every kind of setting": {
        "space": Space({**SPACE.parameters, "model.hidden": Choices(values=(None, 64))}),
        "start": Config(),
        "trials": [
            replace(
                TRIALS[number],
                values={
                    "training.learning_rate": 0.004,
                    "model.filters": 64 * (number + 1),
                    "model.kernel_widths": [3],
                    "model.hidden": None,
                },
            )
            for number in (0, 1, 3)
        ],
    },
}


@pytest.mark.parametrize("options", PAGES.values(), ids=PAGES)
def test_the_page_is_whole_and_needs_nothing_else(options):
    page = render_page(outcome(**options), made_on=date(2026, 11, 27))
    reader = read(page)
    assert [] == reader.sources
    assert all(link.startswith("#") and link[1:] in reader.ids for link in reader.links)
    assert len(reader.links) >= 7
    assert not re.search(r"(?:src|href)=.?https?:", page)
    assert "default-src 'none'" in page
    assert page == render_page(outcome(**options), made_on=date(2026, 11, 27))


def test_the_page_says_what_was_found():
    page = render_page(outcome(**PAGES["finals"]))
    assert '<p class="answer yes">Yes: trial 3 beats the recipe it began from' in page
    assert "<td>0.3000 <small>(0.3000, 0.3000)</small></td>" in page
    assert "not looked at" in page
    assert "MemoryError &lt;b&gt;" in page
    assert '<td class="n changed">0.05</td>' in page
    assert "because" in page
    assert "1,234 texts, SHA-256 0123456789abcdef…" in page
    assert "1 min 1 s" in page
    assert '"learning_rate": 0.05' in page.replace("&#34;", '"')


def test_the_page_of_a_long_search_says_hours():
    trials = [replace(trial, seconds=4000.0) for trial in TRIALS]
    assert "7 h 46 min" in render_page(outcome(trials=trials))
    assert '<td class="n">-</td></tr>' in render_page(
        outcome(trials=[replace(TRIALS[0], seconds=None)])
    )


def test_the_recipe_to_begin_from_is_in_the_table_though_it_is_not_good():
    many = [record(i, 0.3 + 0.001 * i, 0.01 + 0.001 * i, is_start=i == 0) for i in range(20)]
    assert '<th scope="row">0 (start)</th>' in render_page(outcome(trials=many))


def test_a_page_is_written_in_one_move(tmp_path):
    write_page(outcome(), tmp_path)
    assert ["report.html"] == [path.name for path in tmp_path.iterdir()]


def test_the_history_shows_each_trial_and_the_best_so_far():
    plot = history(outcome())
    assert 5 == len(plot.dots)
    assert ["pruned", "complete", "complete", "start", "best"] == [d.kind for d in plot.dots]
    assert "trial 2, pruned, after epoch 3: 0.4000" == plot.dots[0].says
    heights = [float(point.split(",")[1]) for point in plot.paths[0].points.split()]
    assert heights == sorted(heights, reverse=True)
    assert all(plot.top <= dot.y <= plot.bottom for dot in plot.dots)
    assert all(plot.left <= dot.x <= plot.right for dot in plot.dots)


def test_what_lies_far_below_is_drawn_at_the_foot():
    trials = [record(i, 0.5 + 0.001 * i, 0.01) for i in range(12)]
    plot = history(outcome(trials=[*trials, record(12, 0.01, 0.1)]))
    (lowest,) = [dot for dot in plot.dots if dot.says.startswith("trial 12,")]
    assert plot.bottom == lowest.y
    assert plot.bottom > max(dot.y for dot in plot.dots if dot != lowest)


def test_a_slice_follows_its_setting():
    (plot,) = slices(outcome())
    by_rate = {dot.says.split(",")[0]: dot.x for dot in plot.dots}
    assert by_rate["trial 0"] < by_rate["trial 2"] < by_rate["trial 1"] < by_rate["trial 3"]
    assert "learning rate (log scale)" == plot.x_name
    middle = (by_rate["trial 0"] + plot.right - (by_rate["trial 0"] - plot.left)) / 2
    assert pytest.approx(middle, abs=0.1) == by_rate["trial 2"]  # .01 between .001 and .1


def test_a_trial_without_a_setting_is_left_out_of_its_slice():
    trials = [*TRIALS[:2], record(2, 0.4, 0.01, standing="pruned")]
    trials[2] = replace(trials[2], values={})
    assert 2 == len(slices(outcome(trials=trials))[0].dots)


def test_curves_need_two_epochs():
    assert 5 == len(curves(outcome()).paths)
    short = [replace(trial, history=trial.history[:1]) for trial in TRIALS[:2]]
    assert curves(outcome(trials=short)) is None
