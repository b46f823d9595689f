"""The page's modules by themselves, held equal to what Python does."""

from __future__ import annotations

import csv
import datetime as dt
import io
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emoconv.annotation import new_fields
from emoconv.explanation.tones import tint_levels
from emoconv.text import sentences

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
awkward = st.text(st.sampled_from("a,;\t\"\r\n é🎉'$`\\"), max_size=8)
few = settings(max_examples=15)


@pytest.fixture(scope="module")
def modules(chromium, common):
    """Call an exported function of a module, or a script about one, in the browser."""
    page = chromium.new_page()
    page.goto(common.url)

    def call(module, script, argument=None):
        body = f"async ({{url, argument}}) => {{ const m = await import(url); return {script}; }}"
        url = f"{common.url}app/{module}.js"
        return page.evaluate(body, {"url": url, "argument": argument})

    yield call
    page.close()


PARSE = """argument.map(({text, size, separator, quotes}) => {
  const parser = new m.RowParser({separator, quotes});
  const rows = [];
  for (let start = 0; start < text.length; start += size) {
    rows.push(...parser.push(text.slice(start, start + size)));
  }
  rows.push(...parser.end());
  return rows.map((row) => row.values);
})"""


@few
@given(
    tables=st.lists(
        st.lists(st.lists(awkward, min_size=2, max_size=3), min_size=1, max_size=4), min_size=8
    ),
    size=st.integers(1, 9),
    form=st.sampled_from(
        [
            {"lineterminator": "\r\n"},
            {"lineterminator": "\n", "quoting": csv.QUOTE_ALL},  # as a lone CR needs quotes, too
            {"lineterminator": "\r", "quoting": csv.QUOTE_ALL},
        ]
    ),
)
def test_csv_is_read_as_python_reads_it_however_it_is_cut(modules, tables, size, form):
    given_texts = []
    for table in tables:
        file = io.StringIO(newline="")
        csv.writer(file, **form).writerows(table)
        given_texts.append(file.getvalue())
    wanted = [
        {"text": text, "size": size, "separator": ",", "quotes": True} for text in given_texts
    ]
    assert tables == modules("csv", PARSE, wanted)


@few
@given(
    rows=st.lists(st.lists(awkward, min_size=2, max_size=4), min_size=5),
    separator=st.sampled_from([",", ";"]),
)
def test_csv_is_written_so_that_python_reads_it(modules, rows, separator):
    script = "argument.rows.map((row) => m.csvLine(row, argument.separator)).join('')"
    written = modules("csv", script, {"rows": rows, "separator": separator})
    file = io.StringIO(written, newline="")
    assert rows == list(csv.reader(file, delimiter=separator, strict=True))


def test_quotes_mean_nothing_in_tsv(modules):
    wanted = [{"text": '"a\tb"\nc', "size": 2, "separator": "\t", "quotes": False}]
    assert [[['"a', 'b"'], ["c"]]] == modules("csv", PARSE, wanted)


@pytest.mark.parametrize(
    ("start", "separator"),
    [
        ("a,b;c,d", ","),
        ("a;b;c", ";"),
        ("\r\na\tb,\tc", "\t"),
        ('"a;b;c",d', ","),
        ("one", ","),
        ("a\nb;c;d", ","),
    ],
)
def test_the_separator_is_what_stands_most_often_in_the_first_line(modules, start, separator):
    assert separator == modules("csv", "m.guessSeparator(argument)", start)


@few
@given(shared=st.lists(st.tuples(texts.filter(bool), st.none() | texts.filter(bool))))
def test_what_a_link_holds_can_be_read_back(modules, shared):
    wanted = [{"text": text, "grouping": grouping} for text, grouping in shared]
    script = "argument.map((one) => m.sharedIn(m.fragmentOf(one)))"
    assert wanted == modules("share", script, wanted)


def test_half_a_character_does_not_break_a_link(modules):
    script = "m.sharedIn(m.fragmentOf({text: 'a\\ud83d', grouping: null})).text"
    assert "a\ufffd" == modules("share", script)


@few
@given(words=st.lists(awkward | texts, min_size=1, max_size=10))
def test_a_shell_reads_the_words_that_were_quoted(modules, words):
    quoted = modules("curl", "argument.map(m.shellQuoted)", words)
    command = "printf '%s\\0' " + " ".join(quoted)
    run = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=True)
    assert words == run.stdout.decode().split("\0")[:-1]


@few
@given(cut=st.lists(texts, min_size=1), start=st.integers(0, 20), end=st.integers(0, 20))
def test_offsets_count_as_python_counts(modules, cut, start, end):
    bounds = [(min(start, len(text)), min(max(start, end), len(text))) for text in cut]
    script = """argument.cut.map((text, i) => {
      const points = new m.CodePoints(text);
      return [points.slice(...argument.bounds[i]), points.length, m.countCodePoints(text)];
    })"""
    expected = [
        [text[first:last], len(text), len(text)]
        for text, (first, last) in zip(cut, bounds, strict=True)
    ]
    assert expected == modules("offsets", script, {"cut": cut, "bounds": bounds})


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, None), ("3", 3), (" 12 ", 12), ("soon", None), ("Thu, 01 Jan 2026 00:00:05 GMT", 5)],
)
def test_seconds_or_a_date_say_when_to_ask_again(modules, header, seconds):
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC).timestamp() * 1000
    script = "m.secondsOf(argument.header, argument.now)"
    assert seconds == modules("server", script, {"header": header, "now": now})


@few
@given(
    lines=st.lists(st.binary(max_size=6).filter(lambda line: b"\n" not in line), min_size=1),
    end=st.sampled_from([b"", b"\n"]),
)
def test_the_first_line_that_is_not_utf8_is_found(modules, lines, end):
    content = b"\n".join(lines) + end
    expected = None
    try:
        content.decode()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        expected = {"line": line, "byte": content[error.start]}
    script = "m.brokenLine(new Uint8Array(argument))"
    assert expected == modules("tables", script, list(content))


@few
@given(
    lengths=st.lists(st.integers(0, 60), min_size=1, max_size=40),
    count=st.none() | st.integers(1, 9),
    room=st.none() | st.integers(100, 300),
    most=st.integers(1, 50),
)
def test_parts_hold_every_text_once_and_none_is_over_a_limit(modules, lengths, count, room, most):
    frame = 2048
    sent = ["é" * length for length in lengths]
    limits = {"texts": count, "body_bytes": room and room + frame}
    script = """(() => {
      const ends = [];
      for (let start = 0; start < argument.sent.length; start = ends[ends.length - 1]) {
        ends.push(m.partEnd(argument.sent, start, argument.limits, argument.most));
      }
      return ends;
    })()"""
    ends = modules("chunks", script, {"sent": sent, "limits": limits, "most": most})
    parts = [sent[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    assert sent == [text for part in parts for text in part]
    for part in parts:
        assert 1 <= len(part) <= min(count or 256, most)
        size = sum(len(f'"{text}",'.encode()) for text in part)
        assert len(part) == 1 or room is None or size <= room


@pytest.mark.parametrize(
    ("text", "limits", "found"),
    [
        ("🎉" * 5, {"characters": 5, "body_bytes": None}, None),
        ("🎉" * 6, {"characters": 5, "body_bytes": None}, "characters"),
        ("a" * 99, {"characters": None, "body_bytes": 2149}, None),
        ("a" * 100, {"characters": None, "body_bytes": 2149}, "bytes"),
        ("a" * 10**6, {"characters": None, "body_bytes": None}, None),
    ],
)
def test_a_text_is_too_long_in_characters_or_in_bytes(modules, text, limits, found):
    script = "m.tooLong(argument.text, argument.limits)"
    assert found == modules("chunks", script, {"text": text, "limits": limits})


def test_words_are_tinted_as_in_a_terminal(modules, detector):
    for explanation in detector.explain("Thank you so much! I am not sad, I hate it.").values():
        words = [{"share": word.share} for word in explanation.words]
        assert tint_levels(explanation) == modules("tones", "m.tintLevels(argument)", words)


def test_new_columns_have_the_names_that_the_command_gives(modules, detector):
    script = "m.addedNames(argument.header, argument.labels, {probabilities: true})"
    given_names = {"header": ["text"], "labels": list(detector.labels)}
    columns = ("labels", "top", "confidence", "probabilities")
    expected = [
        field.name for field in new_fields(detector.labels, columns=columns, form="columns")
    ]
    assert expected == modules("columns", script, given_names)


@pytest.mark.parametrize(
    ("header", "rows", "column"),
    [
        (["id", "body"], [["1", "so it is"]], 1),
        (["text", "body"], [["12", "so it is"]], 1),
        (["a", "b", "c"], [["x", "some words here", "longwithoutspaces"]], 1),
        (["only"], [["1"]], 0),
    ],
)
def test_the_column_with_the_texts_is_guessed(modules, header, rows, column):
    script = "m.guessTextColumn(argument)"
    assert column == modules("columns", script, {"header": header, "rows": rows})


@pytest.mark.parametrize(
    ("probability", "shown"),
    [(0, "0%"), (0.004, "<1%"), (0.005, "1%"), (0.994, "99%"), (0.995, ">99%"), (1, "100%")],
)
def test_a_percentage_never_says_all_or_nothing_of_what_is_neither(modules, probability, shown):
    assert shown == modules("numbers", "m.percent(argument)", probability)


@few
@given(
    text=st.lists(
        st.sampled_from(["So", "e.g", " ", "\n", "\u2028", *".!?…。", "🎉", '"', ")", ":)"]),
        min_size=4,
    )
    .map("".join)
    .filter(lambda text: len(sentences(text)) > 1)
)
def test_every_text_of_several_sentences_is_asked_about_by_sentence(modules, text):
    script = """(async () => {
      let asked = null;
      const result = {labels: [], probabilities: {joy: 1}};
      await m.read(argument, null, async (request) => {
        asked = request;
        return {results: [result]};
      });
      return asked.by;
    })()"""
    assert "sentence" == modules("reading", f"await {script}", text)
