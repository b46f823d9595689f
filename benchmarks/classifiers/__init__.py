"""What `quality_peers.py` trains, by name."""

from classifiers import fast_text, linear, spacy_cnn, static

CLASSIFIERS = {
    "tfidf": linear.CLASSIFIER,
    "fasttext": fast_text.CLASSIFIER,
    "model2vec": static.CLASSIFIER,
    "spacy": spacy_cnn.CLASSIFIER,
}
