"""Training: recipes, the one loop, and the way from labelled texts to a bundle.

Importing this package imports torch; without it, it says which extra to install.
"""

from emoconv.errors import MissingExtraError

try:
    import torch  # noqa: F401 - only to say early what is missing
except ModuleNotFoundError:  # pragma: no cover - a test runs this in an environment without torch
    raise MissingExtraError("training", extra="train") from None

from emoconv.train.pipeline import Observer, preparation_of, train_bundle
from emoconv.train.placement import Placement, placed
from emoconv.train.preparation import Preparation
from emoconv.train.recipe import load_recipe, override, recipe_names

__all__ = [
    "Observer",
    "Placement",
    "Preparation",
    "load_recipe",
    "override",
    "placed",
    "preparation_of",
    "recipe_names",
    "train_bundle",
]
