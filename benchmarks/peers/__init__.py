"""The ways from texts to probabilities that `speed.py` times, by name."""

from peers import cnn, encoders, fast_text, linear, ours, spacy_cnn, static

PEERS = {
    **ours.PEERS,
    **fast_text.PEERS,
    **static.PEERS,
    **linear.PEERS,
    **cnn.PEERS,
    **spacy_cnn.PEERS,
    **encoders.PEERS,
}
