"""The model card of a converted model: where it came from, and in what it differs from Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emoconv.migration.conversion import Converted

__all__ = ["model_card"]


def model_card(made: Converted, *, source: str) -> str:
    """Return a card, Markdown.

    Args:
        made: The converted model.
        source: The name of Keras' file.
    """
    bundle = made.bundle
    differences = "".join(f"- {difference}\n" for difference in made.differences)
    cut = float(bundle.thresholds.values[0])
    alike = (
        ""
        if made.distances.alike is None
        else f"Texts of at most {made.alike_words} words of the index get Keras' probabilities: on "
        f"texts of words drawn at random they are at most {made.distances.alike:.1g} apart.\n\n"
    )
    return (
        "# Model card\n\n"
        "A text CNN that gives each text any number of "
        f"{len(bundle.labels)} labels. It was trained with Keras and converted by "
        f"`emoconv convert` from `{source}`; what it learnt from is for the person who trained it "
        f"to say, and so is how good it is: measure it with `emoconv evaluate`.\n\n"
        f"{alike}"
        "Differences from Keras:\n\n"
        f"{differences}\n"
        f"Every label has the threshold {cut:g}, which was given and not chosen on data; "
        "probabilities are not calibrated. The settings of training in `config.json` are defaults "
        "that nothing was trained with.\n"
    )
