"""Torch modules. Importing this package imports torch (extra ``train``)."""

from emoconv.nn.text_cnn import TextCNN

__all__ = ["TextCNN"]
