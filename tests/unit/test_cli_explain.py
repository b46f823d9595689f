import json

import pytest
from click.testing import CliRunner

from emoconv import EmotionDetector
from emoconv.bundle import write_bundle
from emoconv.cli import main
from untrained import LABELS, untrained_bundle


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explain") / "bundle"
    write_bundle(untrained_bundle(), folder)
    return folder


@pytest.fixture
def run(folder):
    def invoke(*arguments, stdin=None, **environment):
        environment = {"EMOCONV_EXPLAIN_MODEL": str(folder), "NO_COLOR": None, **environment}
        arguments = ["explain", *map(str, arguments)]
        return CliRunner().invoke(main, arguments, input=stdin, env=environment, color=True)

    return invoke


@pytest.fixture
def on_a_terminal(monkeypatch):
    monkeypatch.setattr("emoconv.cli.explain.is_terminal", lambda _stream: True)


def held(folder, text):
    found = EmotionDetector.load(folder).detect(text)
    return [label for label, _ in found]


def test_labels_that_hold_are_explained_the_most_probable_first(run, folder):
    result = run("so happy <3")
    assert (0, "") == (result.exit_code, result.stderr)
    expected = held(folder, "so happy <3")
    assert len(expected) > 1
    text, *tables = result.stdout.split("\n\n")
    assert "so happy <3" == text
    assert expected == [table.split()[0] for table in tables]


def test_where_nothing_holds_the_most_probable_label_is_explained(run, monkeypatch):
    monkeypatch.setattr("emoconv.thresholds.Thresholds.decide", lambda _self, values: values > 2)
    result = run("so happy <3")
    assert 1 == result.stdout.count("(does not hold)")


def test_labels_can_be_named(run):
    result = run("--label", "joy, anger", "so happy", "--json")
    assert ["joy", "anger"] == [one["label"] for one in json.loads(result.stdout)["labels"]]


def test_a_label_that_is_not_there_is_one_line(run):
    result = run("--label", "jo", "so happy")
    assert (
        1,
        "",
        ("emoconv: error: label 'jo' is not one of the 5 known labels; did you mean 'joy'?\n"),
    ) == (result.exit_code, result.stdout, result.stderr)


def test_json_is_an_object_for_each_text_with_so_many_phrases(run, folder):
    result = run("--json", "--top", 2, "--label", "joy", "so happy 😂 <3", "")
    first, second = map(json.loads, result.stdout.splitlines())
    found = EmotionDetector.load(folder).explain("so happy 😂 <3", "joy")
    assert {"text": "so happy 😂 <3", "labels": [found.to_dict(2)]} == first
    assert [] == second["labels"][0]["phrases"]


def test_lines_of_standard_input_are_texts(run):
    result = run("--json", stdin="so happy\nnot 😂\n".encode())
    assert ["so happy", "not 😂"] == [
        json.loads(line)["text"] for line in result.stdout.splitlines()
    ]


def test_texts_stand_apart(run):
    assert "\n\nhappy\n\njoy" in run("--label", "joy", "so", "happy").stdout


@pytest.mark.usefixtures("on_a_terminal")
def test_a_terminal_gets_colours(run):
    assert "\x1b[48;5;" in run("so happy").stdout


@pytest.mark.usefixtures("on_a_terminal")
def test_no_color_is_heeded(run):
    assert "\x1b" not in run("so happy", NO_COLOR="1").stdout
    assert "\x1b[48;5;" in run("so happy", NO_COLOR="").stdout


def test_a_pipe_gets_no_colours(run):
    assert "\x1b" not in run("so happy").stdout


def test_html_goes_to_a_file_and_nothing_is_printed(run, tmp_path):
    page = tmp_path / "why.html"
    result = run("--html", page, "so <script>happy</script>", "not")
    assert (0, "", "") == (result.exit_code, result.stdout, result.stderr)
    written = page.read_text(encoding="ascii")
    assert 2 == written.count("<section")
    assert "<script>" not in written
    assert [page] == list(tmp_path.iterdir())


def test_html_and_json_go_together(run, tmp_path):
    result = run("--html", tmp_path / "why.html", "--json", "so happy")
    assert "so happy" == json.loads(result.stdout)["text"]
    assert (tmp_path / "why.html").is_file()


def test_a_text_that_is_not_utf8_leaves_the_old_page(run, tmp_path):
    page = tmp_path / "why.html"
    page.write_text("old", encoding="ascii")
    result = run("--html", page, stdin=b"so happy\n\xff\n")
    assert 1 == result.exit_code
    assert "standard input:2: byte 0xff is not UTF-8" in result.stderr
    assert ("old", [page]) == (page.read_text(encoding="ascii"), list(tmp_path.iterdir()))


def test_no_texts_and_a_terminal_is_a_usage_error(run, monkeypatch):
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _self: True)
    result = run()
    assert 2 == result.exit_code
    assert "give texts as arguments, or lines on standard input" in result.stderr


def test_the_labels_are_those_of_the_model(run):
    result = run("--label", ",".join(LABELS), "--json", "so")
    assert list(LABELS) == [one["label"] for one in json.loads(result.stdout)["labels"]]
