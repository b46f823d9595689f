"""The version of this emoconv, written in every bundle; nothing else."""

__all__ = ["__version__"]

__version__ = "0.1.0"
