"""Text to tokens to ids: the tokeniser, the vocabulary and the encoder.

Knows nothing of word vectors, labels or files.
"""

from emoconv.text.corpus import Corpus
from emoconv.text.encoder import Encoded, Encoder
from emoconv.text.sentences import Span, sentences
from emoconv.text.tokenizer import Token, get_tokenizer, tokenize_plain, tokenize_rich
from emoconv.text.vocabulary import SPECIALS, Vocabulary, count_tokens

__all__ = [
    "SPECIALS",
    "Corpus",
    "Encoded",
    "Encoder",
    "Span",
    "Token",
    "Vocabulary",
    "count_tokens",
    "get_tokenizer",
    "sentences",
    "tokenize_plain",
    "tokenize_rich",
]
