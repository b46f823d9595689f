"""What is true of the tokens of every text."""

# ruff: noqa: RUF001 - the tokeniser is there for such characters

import string
from itertools import pairwise

from hypothesis import assume, example, given
from hypothesis import strategies as st

from emoconv.text import Encoder, Vocabulary, count_tokens, tokenize_plain, tokenize_rich
from emoconv.text.tokenizer import CAPS, KERAS_FILTERS, LONG
from strategies import texts

MARKERS = (CAPS, LONG)
EITHER = st.sampled_from([tokenize_rich, tokenize_plain])


@given(EITHER, texts())
def test_spans_lie_within_the_text_in_order_and_hold_something(tokenize, text):
    tokens = tokenize(text)

    assert all(0 <= t.start < t.end <= len(text) for t in tokens)
    assert sorted(t.start for t in tokens) == [t.start for t in tokens]


@given(EITHER, texts())
def test_tokens_but_markers_do_not_overlap(tokenize, text):
    tokens = [t for t in tokenize(text) if t.text not in MARKERS]

    assert all(a.end <= b.start for a, b in pairwise(tokens))


@given(texts())
def test_rich_tokens_are_not_empty_and_hold_no_space(text):
    assert all(t.text and not any(map(str.isspace, t.text)) for t in tokenize_rich(text))


@given(texts())
def test_markers_have_the_span_of_their_word(text):
    tokens = tokenize_rich(text)

    for before, long in pairwise(tokens):
        if long.text == LONG:
            assert before[1:] == long[1:]
    for caps, after in pairwise(tokens):
        if caps.text == CAPS:
            assert caps.start == after.start
            assert caps.end >= after.end


@given(texts())
def test_what_is_skipped_has_no_letter_digit_or_ascii_symbol(text):
    covered = {i for t in tokenize_rich(text) for i in range(t.start, t.end)}
    skipped = {c for i, c in enumerate(text) if i not in covered}

    assert set() == skipped & set(string.ascii_letters + string.digits + string.punctuation)


@given(EITHER, texts(), texts())
def test_texts_joined_by_a_space_give_the_tokens_of_both_but_for_one_caps(tokenize, first, second):
    ours = tokenize(first)
    theirs = [
        t._replace(start=t.start + len(first) + 1, end=t.end + len(first) + 1)
        for t in tokenize(second)
    ]
    caps = next((i for i, t in enumerate(theirs) if t.text == CAPS), len(theirs))
    continued = theirs[:caps] + theirs[caps + 1 :]  # the run of capitals began in the first

    assert tokenize(f"{first} {second}") in (ours + theirs, ours + continued)


@given(EITHER, texts())
def test_a_text_gives_the_same_tokens_again(tokenize, text):
    assert tokenize(text) == tokenize(text)


@given(st.lists(st.text(string.ascii_lowercase, min_size=1), min_size=1))
def test_lower_case_words_are_their_own_tokens(words):
    assume(not any(c * 3 in word for word in words for c in string.ascii_lowercase))

    assert words == [t.text for t in tokenize_rich(" ".join(words))]


def keras(text):
    """Tokenise as `keras.preprocessing.text.text_to_word_sequence` does."""
    spaces = text.lower().translate(str.maketrans(dict.fromkeys(KERAS_FILTERS, " ")))
    return [word for word in spaces.split(" ") if word]


# No character is drawn whose case changed after Unicode 14, whatever the running Python knows.
@given(
    st.text(
        st.characters(max_codepoint=0x17FF, exclude_characters="İΣ")
        | st.sampled_from(KERAS_FILTERS + " ⅣⒶＡ𐐀😂\ufe0f\u2028\u3000’\ud800")
    )
)
@example("I'm SO happy!!! [NAME] :)\r\n")
def test_plain_is_what_keras_does(text):
    assert keras(text) == [t.text for t in tokenize_plain(text)]


@given(st.sampled_from(["rich", "plain"]), st.lists(texts(), max_size=5), texts())
def test_ids_are_of_the_vocabulary_and_never_padding(tokenizer, known, text):
    tokenize = {"rich": tokenize_rich, "plain": tokenize_plain}[tokenizer]
    vocabulary = Vocabulary.build(count_tokens((t.text for t in tokenize(k)) for k in known))
    encoder = Encoder(vocabulary, tokenizer=tokenizer)

    ids, tokens = encoder.encode(text)

    assert len(ids) == len(tokens)
    assert all(0 < i < len(vocabulary) for i in ids)
    assert ids == encoder.encode_batch([text]).ids.tolist()
