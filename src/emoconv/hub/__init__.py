"""Models on the Hugging Face Hub: a name becomes a folder, a folder becomes a repository.

A model's name is the path of its folder, or ``hub:USER/NAME@REVISION``. Of a repository only the
files of a bundle are fetched, into the cache of ``huggingface_hub`` (extra ``hub``), each of the
size that the bundle's head says; who reads the folder compares the rest. Nothing that is fetched
is run. What is in the cache is read without a network. Tokens are those that ``huggingface_hub``
finds in its own places.
"""

from emoconv.hub.fetching import BUNDLE_FILES, find_folder
from emoconv.hub.names import PREFIX, is_hub_name
from emoconv.hub.pushing import Pushed, push

__all__ = ["BUNDLE_FILES", "PREFIX", "Pushed", "find_folder", "is_hub_name", "push"]
