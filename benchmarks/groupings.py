"""Choose by which rule groups of labels get their probabilities and cuts, on dev alone; measure it.

Each rule is fitted on one half of dev and scored on the other, both ways, on random halvings: the
calibration of the labels, their cuts and, where a rule has something to fit, the groups' own line
or cuts. The network itself was selected on dev, the same for every rule.

With ``--test`` the shipped model is measured once on the test split, by the shipped rule.

Run:  python benchmarks/groupings.py --data DATA [--test]
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ablation import dev_logits
from emoconv.bundle import read_bundle, shipped_bundle
from emoconv.calibration import fit_calibration
from emoconv.data import read_official
from emoconv.detector import EmotionDetector
from emoconv.grouping import GROUPINGS
from emoconv.labels import LabelSet, Taxonomy
from emoconv.metrics import Counts, average_precision, evaluate, log_loss
from emoconv.report import Table
from emoconv.thresholds import choose
from quality import git

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from emoconv.data import Dataset

HERE = Path(__file__).parent
RULE = "per-label-balanced"
HALVINGS = 10
GROUPS = 8
FIXED = (0.25, 0.3, 0.35, 0.4, 0.5)
RESAMPLES = 1000
SEED = 0

PUBLISHED = {
    "ekman": {"macro_f1": 0.64},
    "sentiment": {"macro_f1": 0.69},
    "source": "Demszky et al. 2020, https://aclanthology.org/2020.acl-main.372: BERT-base",
}


class Half:
    """Half of dev as a rule sees it: truth and probabilities of labels, and of groups.

    Args:
        dataset: Dev.
        rows: Which half.
        own: float32 (N, L), calibrated on the half that rules are fitted on.
        taxonomy: The groups.
    """

    def __init__(
        self, dataset: Dataset, rows: NDArray[np.intp], own: NDArray[np.float32], taxonomy: Taxonomy
    ) -> None:
        labels = dataset.labels
        self.own, self.own_y = own, dataset.y[rows]
        self.y = taxonomy.any_of(self.own_y, labels)
        self.members = [[labels.index(name) for name in g] for g in taxonomy.groups.values()]
        self.by = {
            "noisy or": taxonomy.probabilities(own, labels),
            "highest": self._each(lambda p: p.max(axis=1)),
            "sum, at most 1": self._each(lambda p: np.minimum(p.sum(axis=1), 1)),
        }

    def _each(
        self, of: Callable[[NDArray[np.float32]], NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        return np.stack([of(self.own[:, m]) for m in self.members], axis=1)

    def log_odds(self) -> NDArray[np.float32]:
        """Return those of the noisy or, float32 (N, G)."""
        margin = np.finfo(np.float32).eps
        p = np.clip(self.by["noisy or"], margin, 1 - margin)
        return np.log(p) - np.log1p(-p)


def random_groupings(labels: LabelSet) -> list[Taxonomy]:
    """Return groupings as a user might have them: every label in one of eight groups, by chance."""
    rng = np.random.default_rng(SEED)
    found = []
    for number in range(HALVINGS):
        parts = np.array_split(rng.permutation(len(labels)), GROUPS)
        groups = {str(g): tuple(labels.names[i] for i in part) for g, part in enumerate(parts)}
        found.append(Taxonomy(f"random {number}", groups))
    return found


def halved(
    dataset: Dataset, logits: NDArray[np.float32], taxonomies: list[Taxonomy]
) -> dict[str, Any]:
    """Return the mean figures of each rule over halvings, each of a taxonomy."""
    rng = np.random.default_rng(SEED)
    found: dict[str, dict[str, dict[str, list[float]]]] = {"probabilities": {}, "decisions": {}}
    for taxonomy in taxonomies:
        halves = np.array_split(rng.permutation(len(dataset)), 2)
        for fitted, scored in (halves, halves[::-1]):
            calibration = fit_calibration(dataset.y[fitted], logits[fitted])
            a, b = (
                Half(dataset, rows, calibration.apply(logits[rows]), taxonomy)
                for rows in (fitted, scored)
            )
            line = fit_calibration(a.y, a.log_odds())
            name = "noisy or, and a line through its log-odds"
            a.by[name], b.by[name] = line.apply(a.log_odds()), line.apply(b.log_odds())
            for name, p in b.by.items():
                figures = {
                    "log_loss": log_loss(b.y, p).mean(),
                    "average_precision": average_precision(b.y, p).mean(),
                }
                _add(found["probabilities"], name, figures)
            for name, predicted in _decisions(a, b).items():
                counts = Counts.of(y=b.y, predicted=predicted)
                figures = {"macro_f1": counts.macro().f1, "micro_f1": counts.micro().f1}
                _add(found["decisions"], name, figures)
    return {
        kind: {
            rule: {k: round(float(np.mean(v)), 5) for k, v in figures.items()}
            for rule, figures in rules.items()
        }
        for kind, rules in found.items()
    }


def _add(rules: dict[str, dict[str, list[float]]], name: str, figures: dict[str, Any]) -> None:
    for measure, value in figures.items():
        rules.setdefault(name, {}).setdefault(measure, []).append(float(value))


def _decisions(a: Half, b: Half) -> dict[str, NDArray[np.bool_]]:
    """Return what each rule decides on ``b``, fitted on ``a``."""
    own = choose(a.own_y, a.own, rule=RULE, data="").values
    means = np.array([own[m].mean() for m in a.members])
    any_at_cut = [(b.own[:, m] >= own[m]).any(axis=1) for m in b.members]
    found = {"any label at its cut": np.stack(any_at_cut, axis=1)}
    for name in ("noisy or", "highest"):
        p = b.by[name]
        found[f"{name}, the mean of the labels' cuts"] = p >= means
        found[f"{name}, their highest cut"] = p >= np.array([own[m].max() for m in a.members])
        found |= {f"{name}, {cut} for all": p >= cut for cut in FIXED}
    for name in a.by:
        cuts = choose(a.y, a.by[name], rule=RULE, data="")
        found[f"{name}, cuts chosen for the groups"] = cuts.decide(b.by[name])
    return found


def tested(test: Dataset, name: str) -> dict[str, Any]:
    """Return the figures of the shipped model and rule on the test split."""
    taxonomy = GROUPINGS[name]
    detector = EmotionDetector.load(engine="reference", grouping=name)
    probabilities = detector.predict_proba(test.texts)
    evaluation = evaluate(
        y=taxonomy.any_of(test.y, test.labels),
        predicted=detector.predict(test.texts),
        probabilities=probabilities,
        labels=LabelSet(detector.labels),
        thresholds=detector.thresholds,
        resamples=RESAMPLES,
        seed=SEED,
    )
    return {"published": PUBLISHED[name], **evaluation.to_dict()}


def tables(rules: dict[str, dict[str, float]]) -> str:
    """Return the figures of rules as Markdown, times 100 but for log loss."""
    measures = list(next(iter(rules.values())))
    rows = tuple(
        (
            rule,
            *(
                f"{value:.4f}" if measure == "log_loss" else f"{100 * value:.2f}"
                for measure, value in figures.items()
            ),
        )
        for rule, figures in rules.items()
    )
    return Table(("rule", *(m.replace("_", " ") for m in measures)), rows).markdown()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("EMOCONV_DATA"))
    parser.add_argument("--test", action="store_true", help="measure the test split too")
    parser.add_argument("--results", type=Path, default=HERE / "results/groupings.json")
    options = parser.parse_args()
    if options.data is None:
        parser.error("give --data FOLDER, or set EMOCONV_DATA")
    bundle = read_bundle(shipped_bundle())
    dev = read_official(options.data / "goemotions/dev.tsv")
    logits = dev_logits(bundle, dev)
    wanted = {name: [taxonomy] * HALVINGS for name, taxonomy in GROUPINGS.items()}
    wanted["random"] = random_groupings(dev.labels)
    found: dict[str, Any] = {
        "command": "python benchmarks/groupings.py --data DATA" + " --test" * options.test,
        "commit": git("rev-parse", "HEAD")
        + ("+" if git("status", "--porcelain", "--", ":/src") else ""),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "model": bundle.fingerprint(),
        "rule": RULE,
        "seed": SEED,
        "halvings": HALVINGS,
        "dev": {name: halved(dev, logits, taxonomies) for name, taxonomies in wanted.items()},
    }
    for name, kinds in found["dev"].items():
        print(name, *map(tables, kinds.values()), sep="\n\n", end="\n\n")
    if options.test:
        test = read_official(options.data / "goemotions/test.tsv")
        figures = {name: tested(test, name) for name in GROUPINGS}
        found["test"] = {
            "data": {"file": "goemotions/test.tsv", "rows": len(test)},
            "sha256": test.fingerprint(),
            "resamples": RESAMPLES,
            "published_source": PUBLISHED["source"],
            **figures,
        }
        for name, one in figures.items():
            print(name, {m: one[m] for m in ("macro", "micro")})
    options.results.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
