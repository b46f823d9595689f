"""``emoconv convert``: a model of the 2020 post becomes a bundle. Parses and prints."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from emoconv.bundle import check_destination, write_bundle
from emoconv.errors import ConfigError, DataError, LabelError
from emoconv.labels import GOEMOTIONS, LabelSet
from emoconv.migration import KerasInput, convert_network, read_network, read_word_index
from emoconv.migration.card import model_card
from emoconv.text import SPECIALS

if TYPE_CHECKING:
    from emoconv.migration import Converted, Network, Side, WordIndex

__all__ = ["convert"]

_File = click.Path(dir_okay=False, path_type=Path)
_SIDES = click.Choice(("post", "pre"))


@click.command()
@click.argument("source", metavar="BEST_MODEL.h5", type=_File)
@click.option(
    "--word-index",
    type=_File,
    required=True,
    metavar="FILE",
    help="JSON: what tokenizer.to_json() gave, or the dictionary tokenizer.word_index.",
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="FOLDER",
    help="The folder of the new model.",
)
@click.option(
    "--labels",
    "labels_file",
    type=_File,
    metavar="FILE",
    help="The names of the outputs in their order, one a line, or a JSON list; by default "
    "GoEmotions' 28, which is the post's order too.",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    default=0.25,
    show_default=True,
    help="From which probability on a label holds; the default is the post's choice.",
)
@click.option(
    "--max-length",
    type=click.IntRange(min=1),
    metavar="WORDS",
    help="The maxlen of pad_sequences; by default what the network was built for.",
)
@click.option(
    "--padding",
    type=_SIDES,
    default="post",
    show_default=True,
    help="The padding of pad_sequences; the post's is post, Keras' default pre.",
)
@click.option(
    "--truncating",
    type=_SIDES,
    default="pre",
    show_default=True,
    help="The truncating of pad_sequences; the default is the post's and Keras'.",
)
@click.option(
    "--num-words",
    type=click.IntRange(min=1),
    metavar="N",
    help="The num_words of the Tokenizer; by default what tokenizer.to_json() says, or none.",
)
@click.option("--overwrite", is_flag=True, help="Replace a model that is there.")
def convert(
    *,
    source: Path,
    word_index: Path,
    output: Path,
    labels_file: Path | None,
    threshold: float,
    max_length: int | None,
    padding: Side,
    truncating: Side,
    num_words: int | None,
    overwrite: bool,
) -> None:
    """Make a model of a network that was trained and saved with Keras as the 2020 post did.

    It is compared with the network of BEST_MODEL.h5 before it is written. Needs no TensorFlow.
    """
    check_destination(output, overwrite=overwrite)
    network = read_network(source)
    shape = KerasInput(_length(network, max_length), padding=padding, truncating=truncating)
    words = read_word_index(word_index, num_words=num_words)
    made = convert_network(
        network, words, _labels(network, labels_file), shape=shape, threshold=threshold
    )
    origin = _origin(made, network, words, files=(source.name, word_index.name), shape=shape)
    write_bundle(
        dataclasses.replace(made.bundle, provenance={"keras": origin}),
        output,
        card=model_card(made, source=source.name),
        overwrite=overwrite,
    )
    click.echo("\n".join(_summary(made, output)))


def _origin(
    made: Converted,
    network: Network,
    words: WordIndex,
    *,
    files: tuple[str, str],
    shape: KerasInput,
) -> dict[str, object]:
    """Return what a bundle says of where it came from."""
    return {
        "file": files[0],
        "sha256": network.sha256,
        "version": network.keras_version,
        "word_index": files[1],
        "word_index_sha256": words.sha256,
        **shape._asdict(),
        "alike_words": made.alike_words,
        "differences": list(made.differences),
    }


def _length(network: Network, given: int | None) -> int:
    if given is None and network.length is None:
        raise ConfigError(
            "the file does not say to how many words texts were padded; give --max-length, the "
            "maxlen of pad_sequences"
        )
    if given is not None and network.length not in (None, given):
        raise ConfigError(
            f"--max-length is {given}, and the network was built for texts of {network.length}"
        )
    return cast("int", network.length if given is None else given)


def _labels(network: Network, path: Path | None) -> LabelSet:
    """Return the names of a network's outputs."""
    outputs = len(network.output.bias)
    if path is None:
        if outputs != len(GOEMOTIONS):
            raise ConfigError(
                f"the network has {outputs} outputs; name them with --labels, one a line, in order"
            )
        return GOEMOTIONS
    try:
        text = path.read_text(encoding="utf-8")
        names = json.loads(text) if text.lstrip().startswith("[") else text.splitlines()
        return LabelSet(tuple(name.strip() for name in names if name.strip()))
    except (AttributeError, LabelError, ValueError) as error:
        raise DataError(f"no list of label names: {error}", path=path) from None


def _summary(made: Converted, output: Path) -> list[str]:
    bundle, distances = made.bundle, made.distances
    words = len(bundle.vocabulary) - len(SPECIALS)
    lines = [f"{output}: {len(bundle.labels)} labels, {words:,} words"]
    if distances.alike is not None:
        lines.append(
            f"compared with Keras' network on drawn words: at most {distances.alike:.1g} apart in "
            f"texts of up to {made.alike_words} words, {distances.longer:.2f} in longer ones"
        )
    else:
        lines.append(
            "compared with Keras' network on drawn words: probabilities are at most "
            f"{distances.longer:.2f} apart"
        )
    return [*lines, *(f"note: {difference}" for difference in made.differences)]
