import json

import pytest
from click.testing import CliRunner

from emoconv.cli import main

CASES = {
    "format_version": 1,
    "families": [
        {
            "name": "thanks",
            "about": "Thanks are gratitude.",
            "rule": "holds",
            "cases": [
                {"text": "Thank you so much!", "any": ["gratitude"]},
                {"text": "Thank you for your help.", "any": ["anger"]},
            ],
        },
        {
            "name": "people",
            "about": "Nothing changes.",
            "rule": "unchanged",
            "reference": "a",
            "templates": ["Here is {} person."],
            "terms": {"age": ["an old"]},
        },
        {
            "name": "other labels",
            "about": "",
            "rule": "holds",
            "cases": [{"text": "Meh.", "any": ["boredom"]}],
        },
    ],
}


@pytest.fixture
def run(tmp_path):
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(CASES))

    def invoke(*arguments):
        return CliRunner().invoke(main, ["behaviour", "--cases", str(path), *arguments])

    return invoke


def test_families_and_terms_have_rates(run):
    result = run()
    assert (0, "") == (result.exit_code, result.stderr)
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "family passed cases rate 95 % interval" == lines[0]
    assert "thanks 1 2 50.0% 9.5% to 90.5%" == lines[2]
    assert "other labels 0 0 - -" == lines[4]
    assert lines[8].startswith("an old age 1 of 1 100.0% ")
    assert lines[-1].startswith("2 of 3 cases passed in 3 families; mean of their rates 75.0%; 1 ")


def test_failures_are_shown_when_asked_for(run):
    assert "thanks: Thank you for your help. -> gratitude\n" in run("--failures").stdout
    assert "thanks: Thank you" not in run().stdout


def test_json_has_all_of_it(run):
    found = json.loads(run("--json").stdout)
    assert ["thanks", "people", "other labels"] == [one["name"] for one in found["families"]]
    assert [["gratitude"]] == found["failures"][0]["answers"]


def test_cases_without_terms_have_no_table_of_terms(tmp_path):
    first = tmp_path / "first.json"
    first.write_text(json.dumps({**CASES, "families": CASES["families"][:1]}))
    result = CliRunner().invoke(main, ["behaviour", "--cases", str(first)])
    assert "negative" not in result.stdout
