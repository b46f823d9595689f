"""The reference of the HTTP API is what the service says of itself."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "dev/make_http_reference.py"


def test_the_page_is_up_to_date():
    done = subprocess.run([sys.executable, str(SCRIPT), "--check"], check=False)
    assert 0 == done.returncode, "run: python dev/make_http_reference.py"
