"""The command line reference is what the commands say of themselves."""

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_is_up_to_date():
    script = runpy.run_path(str(ROOT / "dev/make_cli_reference.py"))
    page = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")

    assert script["reference"]() == page, "run: python dev/make_cli_reference.py"
