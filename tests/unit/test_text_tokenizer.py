"""The tokenisers, rule by rule; the examples of the specification are in tests/docs."""

# ruff: noqa: RUF001 - the tokeniser is there for such characters

import time

import pytest

from emoconv.errors import ConfigError
from emoconv.text import Token, get_tokenizer, tokenize_plain, tokenize_rich


def rich(text):
    return " ".join(token.text for token in tokenize_rich(text))


@pytest.mark.parametrize("tokenize", [tokenize_rich, tokenize_plain])
@pytest.mark.parametrize("text", ["", " ", "   "])
def test_an_empty_text_has_no_tokens(tokenize, text):
    assert [] == tokenize(text)


@pytest.mark.parametrize(
    "text", ["\t\n", "\x00\x1f\x7f", "\ud800\udfff", "\u200d\ufe0f\u20e3", "\u0301"]
)
def test_what_is_of_no_class_or_attached_to_nothing_is_skipped(text):
    assert [] == tokenize_rich(text)


def test_a_lone_surrogate_divides_as_a_space_does():
    assert "a b" == rich("a\ud800b")


@pytest.mark.parametrize("address", ["http://a.b", "HTTPS://a.b/?c=d&e=f", "www.a", "wWw.a.b/c_~"])
def test_an_address_is_one_token(address):
    assert "see <url> ." == rich(f"see {address}.")


def test_an_address_ends_before_an_emoji():
    assert "<url> 😂" == rich("http://a.b/c😂")


def test_an_address_does_not_take_closing_punctuation():
    assert "( <url> ) , <url> !!!" == rich("(http://a.b/c), www.d.e!!!")


@pytest.mark.parametrize("text", ["http://", "www.", "https://..."])
def test_the_start_of_an_address_alone_is_none(text):
    assert "<url>" not in rich(text)


@pytest.mark.parametrize("name", ["@a_1", "u/a-b", "/u/A"])
def test_a_user_is_one_token(name):
    assert "by <user> :" == rich(f"by {name} :")


@pytest.mark.parametrize("text", ["u/é", "r/é", "you/me", "or/and"])
def test_a_slash_within_words_names_no_user_and_no_subreddit(text):
    assert "<" not in rich(text)


def test_a_placeholder_is_lower_cased_with_its_brackets():
    assert "[name] [religion]" == rich("[NAME] [RELIGION]")


def test_a_placeholder_has_at_most_20_letters():
    assert f"[{'ab' * 10}]" == rich(f"[{'AB' * 10}]")
    assert rich(f"[{'AB' * 10}A]").startswith("[ <caps> abab")


@pytest.mark.parametrize(
    ("written", "token"),
    [
        (":)", ":)"), (":-)))", ":)"), ("=]", ":)"), (":}", ":)"), (":(", ":("), (":-[[", ":("),
        (";^)", ";)"), (":'(", ":'("), (":’(", ":'("), ("='-(", ":'("), (":-/", ":/"),
        (":\\", ":/"), (":|", ":|"), (":-*", ":*"), (":D", ":d"), (";-P", ";p"), (":3", ":3"),
        ("(:", ":)"), ("((-;", ";)"), ("):", ":("), ("[=", ":)"), ("]^:", ":("),
    ],
)  # fmt: skip
def test_an_emoticon_is_eyes_tear_and_mouth(written, token):
    assert f"well {token} ok" == rich(f"well {written} ok")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [(":Dog", ": dog"), ("a(:b", "a ( : b"), ("::", ":"), ("=D", "= d"), ("://", ": /")],
)
def test_what_only_looks_like_an_emoticon_is_none(text, tokens):
    assert tokens == rich(text)


@pytest.mark.parametrize(
    ("written", "token"),
    [("^^", "^_^"), ("^__^", "^_^"), ("-_-", "-_-"), ("<__<", "<_<"), (">_<", ">_<"),
     (";_;", ";_;"), ("O_o", "o_o"), ("0_0", "0_0"), ("T__T", "t_t"), ("u_U", "u_u")],
)  # fmt: skip
def test_a_face_has_one_underscore(written, token):
    assert token == rich(written)


@pytest.mark.parametrize("text", ["o_ok", "T_Tx", "u_u2"])
def test_a_face_of_letters_stands_apart(text):
    assert rich(text) not in ("o_o", "t_t", "u_u")


def test_a_heart_may_have_many_points_and_be_broken():
    assert "<3 <3 </3" == rich("<3 <3333 </33")


def test_emoji_lose_variation_selectors_and_skin_tones():
    assert "❤ 👍 👩\u200d🚀 ☺" == rich("❤️ 👍🏽 👩🏽\u200d🚀 ☺\ufe0e")


def test_emoji_of_several_code_points_stay_whole():
    family, england = (
        "👨\u200d👩\u200d👧\u200d👦",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    )

    assert f"{family} {england} 🇬🇧 1⃣" == rich(f"{family}{england}🇬🇧1\ufe0f\u20e3")


def test_an_odd_flag_letter_is_a_token_of_its_own():
    assert "🇬🇧 🇫🇷 🇩" == rich("🇬🇧🇫🇷🇩")


def test_emoji_in_a_row_are_tokens_each():
    assert "😂 😂 😂" == rich("😂😂😂")


def test_a_number_stays_whole():
    assert "1,000 3.5 10:30 1/2" == rich("1,000 3.5 10:30 1/2")
    assert "٣٤" == rich("٣٤")


def test_digits_with_letters_are_a_word():
    assert "3rd 2x b4 10 , 3rd" == rich("3rd 2X b4 10,3rd")


@pytest.mark.parametrize("apostrophe", "'`´ʼ‘’‛′＇")
def test_apostrophes_of_any_kind_are_one(apostrophe):
    assert "do n't , '" == rich(f"don{apostrophe}t, {apostrophe}")


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("don't", "do n't"), ("shouldn't've", "should n't 've"), ("y'all'd've", "y'all 'd 've"),
        ("i'm", "i 'm"), ("she'll", "she 'll"), ("they're", "they 're"), ("it's", "it 's"),
        ("rock'n'roll", "rock'n'roll"), ("o'clock", "o'clock"), ("n't", "n't"),
        ("an't", "a n't"), ("goin'", "goin '"), ("'tis", "' tis"), ("dogs'", "dogs '"),
        ("can't's", "ca n't 's"), ("'s", "' s"),
    ],
)  # fmt: skip
def test_clitics_are_split_from_their_stem(word, parts):
    assert parts == rich(word)


def test_clitics_keep_their_spans():
    assert [Token("do", 1, 3), Token("n't", 3, 6), Token("'ve", 6, 9)] == tokenize_rich(" don’t’ve")


def test_capitals_are_marked_once_a_run():
    assert "<caps> this is so bad !!! <caps> why" == rich("THIS IS SO bad!!! WHY")


def test_a_lone_capital_neither_starts_nor_ends_a_run():
    assert "i <caps> am what i am" == rich("I AM WHAT I AM")
    assert "3d a b" == rich("3D A B")


def test_what_is_no_word_does_not_end_a_run_of_capitals():
    assert "<caps> stop !!! 😂 :) 10:30 <url> now" == rich("STOP!!! 😂 :) 10:30 www.a NOW")


def test_a_run_of_capitals_does_not_go_on_in_the_next_text():
    assert ["<caps> wow"] * 2 == [rich("WOW"), rich("WOW")]


def test_a_script_without_capitals_ends_a_run():
    assert "<caps> ab 日本 <caps> cd" == rich("AB 日本 CD")


def test_the_caps_marker_has_the_span_of_the_word():
    assert [("<caps>", 0, 3), ("i", 0, 1), ("'m", 1, 3)] == tokenize_rich("I'M")


def test_a_lengthened_part_is_cut_to_three_and_marked():
    assert "sooo <long> gooo <long> 's" == rich("soooooo goooo's")


def test_only_letters_are_lengthened():
    assert "1000000 a1111 हिंदी" == rich("1000000 a1111 हिंदी")
    assert "a\u0301\u0301\u0301\u0301" == rich("a\u0301\u0301\u0301\u0301")


@pytest.mark.parametrize(
    ("run", "token"), [("!", "!"), ("!!!!!", "!!!"), ("??", "??"), ("!?!?", "?!"), ("！？", "?!")]
)
def test_exclamation_and_question_marks_keep_their_run_or_mix(run, token):
    assert f"what {token}" == rich(f"what{run}")


@pytest.mark.parametrize("dots", ["..", "...", ".......", "…", "……"])
def test_dots_in_a_row_are_an_ellipsis(dots):
    assert "well ..." == rich(f"well{dots}")


def test_a_run_of_one_symbol_is_one_token():
    assert "# - ~ * “ ” ½ Ⅳ" == rich("### --- ~~ ** “” ½½ Ⅳ")


def test_marker_names_in_a_text_are_not_markers():
    assert "< caps > < unk >" == rich("<caps> <unk>")


def test_full_width_words_keep_their_letters():
    assert "<caps> ａｂｃ" == rich("ＡＢＣ")


def test_a_stretch_too_long_to_remember_gives_the_same_tokens():
    short = "DON'T!!!😂"
    assert rich(short) + " " + rich(short.lower()) == rich(short + "\n" * 40 + short.lower())


def test_a_word_of_a_million_letters_is_one_token():
    assert "ab" * 500_000 == rich("ab" * 500_000)


def test_plain_drops_punctuation_and_lower_cases():
    assert ["i'm", "so", "happy", "don’t", "😂"] == [
        t.text for t in tokenize_plain("I'm SO happy!!! :) Don’t\t\n😂")
    ]


def test_plain_tokens_have_spans():
    assert [Token("a", 1, 2), Token("b\r", 3, 5)] == tokenize_plain("(A-B\r)")


def test_plain_keeps_offsets_where_case_changes_length():
    assert [Token("İσ", 0, 2), Token("x", 3, 4)] == tokenize_plain("İΣ X")


def test_an_unknown_tokenizer_is_named_with_those_known():
    with pytest.raises(ConfigError) as error:
        get_tokenizer("plane")

    assert "no tokenizer 'plane'; did you mean 'plain'?; 'rich' or 'plain'" == str(error.value)


def test_tokenizers_are_found_by_name():
    assert (tokenize_rich, tokenize_plain) == (get_tokenizer("rich"), get_tokenizer("plain"))


UNITS = [
    "(", ")", "[", "()", "(-", "(^", ")a", "[[-", "):", ":", ":-", ":'", "=-", "'", "a'", "'s",
    "n't", "'s'x", "[A", "[AAAAAAAAAAAAAAAAAAAAA", "www.", "w", "http://", "http://((", "www.(",
    "/", "u/", "u/-", "u/a-", "u/é", "/u/", "r/a", "r/é", "@", "@a", "@é", "</", "<3", "<33",
    "¯", "¯\\", "¯\\_", "¯\\_(ツ)_", "_", "^_", ">_", ";_", "o_", "0_", "T_", "-_", "-", "1",
    "1,", "1.", "1a", "1⃣", "1,1a", "a", "A", "Aa", "é", "\u0301", "a\u0301", "!", "!?", ".",
    "...", "…", "….", "~", "#", "😂", "😂\u200d", "\u200d", "👍🏽", "🏽", "☺️", "️", "🇬",
    "🏴\U000e0067", "\U000e0067", "\ud800", "\x00", "aaab", "A\n", "A ", " ",
]  # fmt: skip


def seconds(tokenize, text):
    start = time.process_time()
    tokenize(text)
    return time.process_time() - start


@pytest.mark.parametrize("tokenize", [tokenize_rich, tokenize_plain])
@pytest.mark.parametrize("end", ["1a", ":a"])
@pytest.mark.parametrize("unit", UNITS, ids=ascii)
def test_five_times_the_text_takes_about_five_times_the_time(tokenize, unit, end):
    text = unit * (4_000 // len(unit))

    for _ in range(5):  # the machine may be busy; a quadratic rule is slow every time
        once, more = seconds(tokenize, text + end), seconds(tokenize, text * 5 + end)
        if more < 10 * once + 0.01:
            return
    pytest.fail(f"{once:.3f} s, and {more:.3f} s for five times the text")


@pytest.mark.parametrize(
    ("unit", "end"),
    [
        ("1,", "1a"),
        ("'s", ""),
        ("(", "é"),
        ("http://", "("),
        ("_", "o"),
        ("\u200d", ""),
        ("a", ":"),
    ],
)
def test_a_megabyte_takes_seconds(unit, end):
    text = "a" + unit * (1_000_000 // len(unit)) + end

    assert seconds(tokenize_rich, text) < 30
