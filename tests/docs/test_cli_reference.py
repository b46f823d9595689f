"""The command line reference is what the commands say of themselves."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "dev/make_cli_reference.py"


def test_the_page_is_up_to_date():
    # In a process of its own: click keeps the help option of a command that was called by itself.
    done = subprocess.run([sys.executable, str(SCRIPT), "--check"], check=False)
    assert 0 == done.returncode, "run: python dev/make_cli_reference.py"
