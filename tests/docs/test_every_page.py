"""Every page that shows a program or a command has a test that runs it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
TESTS = {
    path.relative_to(ROOT): path.read_text(encoding="utf-8")
    for folder in ("docs", "functional")
    for path in sorted((ROOT / "tests" / folder).rglob("test_*.py"))
    if path.name != Path(__file__).name
}


def runs_something(path):
    """Whether there is more on a page than commands that install and fetch."""
    text = path.read_text(encoding="utf-8")
    blocks = re.findall(
        r"^```(?:python|bash|javascript)\n(.*?)^```", text, re.DOTALL | re.MULTILINE
    )
    lines = [line for block in blocks for line in block.splitlines()]
    return any(not re.match(r"pip install|emoconv download", line) for line in lines)


PAGES = [path for path in sorted(DOCS.rglob("*.md")) if runs_something(path)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(DOCS)))
def test_a_page_with_programs_is_read_by_a_test(path):
    named = re.compile(rf"""["'/]{re.escape(path.stem)}(\.md)?["']""")
    assert [test for test, text in TESTS.items() if "docs" in text and named.search(text)]
