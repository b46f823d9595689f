"""Write tests/data/bundle_vN: a small bundle that every later emoconv must read.

Run once for each format version, never again for the same one; the bundle in the repository is the
guard. Trains on the small data set of the tests.
"""

import json
from pathlib import Path

from emoconv import EmotionDetector
from emoconv.bundle import FORMAT_VERSION, write_bundle
from emoconv.config import Config, from_dict
from emoconv.data import read
from emoconv.train import Observer, train_bundle
from emoconv.train.card import model_card

TESTS = Path(__file__).parent.parent / "tests" / "data"
TEXTS = [
    "Thank you so much, I appreciate it!",
    "I'm SO sad about this 😔",
    "wow!!! sooo good",
    "what do you mean by that?",
    "zzyzx [NAME] 42",
    "",
]
RECIPE = {
    "text": {"tokenizer": "rich", "min_count": 1, "max_words": 300, "max_tokens": None},
    "model": {
        "embedding_width": 8,
        "kernel_widths": [1, 3],
        "filters": 6,
        "hidden": None,
        "embedding_storage": "int8",
    },
    "training": {
        "epochs": 12,
        "batch_size": 16,
        "learning_rate": 0.02,
        "embedding_learning_rate": 0.02,
        "word_dropout": 0.0,
        "embedding_dropout": 0.0,
        "feature_dropout": 0.1,
        "monitor": "loss",
        "patience": 12,
        "threshold_rule": "per-label",
        "seed": 1,
    },
}


class Silent(Observer):
    """Hears of the progress and says nothing."""


def main() -> None:
    folder = TESTS / f"bundle_v{FORMAT_VERSION}"
    bundle = train_bundle(
        read(TESTS / "goemotions" / "train.tsv"),
        read(TESTS / "goemotions" / "dev.tsv"),
        config=from_dict(Config, RECIPE),
        observer=Silent(),
    )
    write_bundle(bundle, folder, card=model_card(bundle))
    rows = EmotionDetector.load(folder).predict_proba(TEXTS).tolist()
    expected = {"texts": TEXTS, "probabilities": [[round(p, 7) for p in row] for row in rows]}
    folder.with_suffix(".json").write_text(json.dumps(expected, ensure_ascii=False) + "\n")
    print(f"{sum(file.stat().st_size for file in folder.iterdir()):,} bytes in {folder}")


if __name__ == "__main__":
    main()
