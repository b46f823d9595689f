"""``emoconv info``: what a model and this installation are."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import platform
from typing import TYPE_CHECKING, Any

import click

from emoconv.bundle import read_bundle, shipped_bundle
from emoconv.cli.reading import model_option
from emoconv.config import to_dict
from emoconv.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from emoconv.bundle import Bundle

__all__ = ["info"]

_EXTRAS = {
    "fast": "numba",
    "train": "torch",
    "tune": "optuna",
    "report": "matplotlib",
    "doctor": "cleanlab",
    "ray": "ray",
    "spark": "pyspark",
    "onnx": "onnx",
    "hub": "huggingface_hub",
    "keras": "h5py",
}
"""Each extra with the package that tells whether it is installed."""


@click.command()
@model_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def info(*, model: Path | None, as_json: bool) -> None:
    """Describe a model and this installation."""
    folder = shipped_bundle() if model is None else model
    bundle = read_bundle(folder)
    extras = {name: importlib.util.find_spec(m) is not None for name, m in _EXTRAS.items()}
    packages = {name: importlib.metadata.version(name) for name in ("numpy", "pyarrow")}
    versions = {"emoconv": __version__, "python": platform.python_version()}
    if as_json:
        installation = {**versions, "packages": packages, "extras": extras}
        about = {"installation": installation, "model": _describe(folder, bundle)}
        click.echo(json.dumps(about, indent=2, ensure_ascii=False))
        return
    click.echo(", ".join(f"{name} {version}" for name, version in {**versions, **packages}.items()))
    click.echo("extras: " + ", ".join(f"{n} {'yes' if has else 'no'}" for n, has in extras.items()))
    click.echo("\n".join(_readable(folder, bundle)))


def _describe(folder: Path, bundle: Bundle) -> dict[str, Any]:
    cuts = bundle.thresholds.to_dict()
    return {
        "folder": str(folder),
        "bytes": _size(folder),
        "labels": list(bundle.labels.names),
        "vocabulary": len(bundle.vocabulary),
        "parameters": sum(int(w.size) for w in bundle.weights.values()),
        "config": to_dict(bundle.config),
        "thresholds": cuts,
        "provenance": bundle.provenance,
    }


def _size(folder: Path) -> int:
    return sum(f.stat().st_size for f in folder.iterdir() if f.is_file())


def _readable(folder: Path, bundle: Bundle) -> list[str]:
    model, cuts = bundle.config.model, bundle.thresholds
    widths = ", ".join(map(str, model.kernel_widths))
    hidden = "" if model.hidden is None else f", then {model.hidden} hidden units"
    width = max(map(len, bundle.labels.names))
    return [
        "",
        f"model       {folder} ({_size(folder) / 1e6:.1f} MB)",
        f"network     {model.filters} filters of each width {widths}{hidden}",
        f"tokenizer   {bundle.config.text.tokenizer}",
        f"vocabulary  {len(bundle.vocabulary):,} words, vectors of width {model.embedding_width}",
        f"weights     {sum(int(w.size) for w in bundle.weights.values()):,}",
        f"thresholds  rule {cuts.rule}" + (f", chosen on {cuts.data}" if cuts.data else ""),
        "",
        *(
            f"{name.ljust(width)}  {cut:.3f}"
            for name, cut in zip(bundle.labels.names, cuts.values, strict=True)
        ),
    ]
