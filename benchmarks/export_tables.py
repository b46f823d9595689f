"""The tables of ``results/onnx_parity.json`` and ``results/keras_parity.json``."""

from __future__ import annotations

from typing import Any

from emoconv.report import Table


def onnx_table(result: dict[str, Any]) -> str:
    """Return how many texts a second the graph and the engines take on one core."""
    rates = result["texts_per_second_from_ids"]
    rows = tuple((name, f"{rate:,}") for name, rate in rates.items())
    return Table(("", "texts per second"), rows).markdown()


def keras_table(result: dict[str, Any]) -> str:
    """Return how far a converted model is from Keras by the length of texts, and its F1."""
    reference = result["engines"]["reference"]
    spans = {name: span for name, span in reference.items() if isinstance(span, dict)}
    rows = tuple(
        (
            name,
            f"{span['texts']:,}",
            f"{span['largest_difference']:.2g}",
            f"{span['mean_difference']:.2g}",
            f"{span['other_decisions']:,} of {span['decisions']:,}",
        )
        for name, span in spans.items()
    )
    header = ("texts", "number", "largest difference", "in the mean", "other decisions")
    return (
        f"{Table(header, rows).markdown()}\n\nMicro F1 on dev, at {result['threshold']}: "
        f"{result['keras_micro_f1']:.3f} with Keras' answers, {reference['micro_f1']:.3f} with "
        "those of the bundle, which reads the whole text."
    )
