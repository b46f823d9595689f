# ruff: noqa: RUF001 - full stops of other scripts

import pytest

from emoconv.text import sentences


@pytest.mark.parametrize(
    "expected",
    [
        [],
        ["one"],
        ["One.", "Two!", "Three?", "Four"],
        ["i hate this.", "why would you do that.", "bye"],
        ["What?!", "No way!!!", "Yes."],
        ["Thanks! 😀", "Bye. 🎉🎉 😂", "Ok"],
        ["😂 is an emoji.", "Ok"],
        ["Thanks!😀", "Bye :("],
        ["Thanks! :)", "Bye. xD", "I <3 you! <3", "Yes"],
        ["Wow! ...", "ok"],
        ["He left. ...", "Why"],
        ['"Yes!"', "(No.)", "“Maybe.”", "**Great!**", "Next"],
        ['"Why?" he asked.', "(really?) yes"],
        ["Done.", '"I know."', "(Me too.)", "- item"],
        ["Mr. Smith met Dr. J. R. R. Tolkien vs. Gov. Lee."],
        ["So do I.", "And you?"],
        ["It is big, e.g. i.e. cf. this."],
        ["apples, pears etc. and so on"],
        ["apples, pears etc.", "They are good."],
        ["at 5 p.m. on Monday"],
        ["at 5 p.m.", "Then home."],
        ["in the U.S. and the U.K. too"],
        ["See no. 5 and p. 7."],
        ["No.", "I will not."],
        ["1. Go home.", "2. Sleep."],
        ["There were 3.", "Two left."],
        ["It costs 3.5, see www.foo.com/a.b?c=d."],
        ["See http://foo.com/?q=a!", "Ok"],
        ["well... maybe"],
        ["well...", "Maybe"],
        ["well… I don't know"],
        ["well... I'm not sure."],
        ["wait…?!", "what"],
        ["_emph._", "Next"],
        ["."],
        ["?", "!a"],
    ],
)
def test_a_text_is_cut_into_its_sentences(expected):
    text = " ".join(expected)
    assert expected == [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "line_end", ["\n", "\r\n", "\n\n \t", "\x85", "\u2028", "\u2029", "\v", "\f"]
)
def test_a_line_ends_a_sentence(line_end):
    text = f" one{line_end}😀 two, "
    assert ["one", "😀 two,"] == [text[start:end] for start, end in sentences(text)]


def test_full_stops_of_scripts_without_spaces_need_none():
    text = "今日は嬉しい。「本当？」うん！😀 また"
    found = [text[start:end] for start, end in sentences(text)]
    assert ["今日は嬉しい。", "「本当？」", "うん！😀", "また"] == found


def test_a_span_has_a_name_for_its_ends():
    (span,) = sentences("  so ")
    assert (2, 4) == (span.start, span.end)


def test_a_long_text_takes_time_in_proportion():
    for text in (
        "!" * 200_000 + "a",
        "!-" * 100_000,
        ". " * 100_000,
        "a." * 100_000,
        "「" * 200_000,
    ):
        assert sentences(text)
