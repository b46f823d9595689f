"""A run that breaks off anywhere can be gone on with, and ends as if it had not."""

import contextlib
import hashlib
import json
import os
import shutil
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from emoconv import EmotionDetector
from emoconv.errors import ConfigError
from emoconv.scoring import pieces, run
from emoconv.scoring.inputs import find_inputs
from emoconv.scoring.request import Request

BUNDLE = Path(__file__).parents[1] / "data" / "bundle_v2"
TEXTS = ["Thank you!", "no", None, "so sad", "why?", "ha ha", "I love it"]
MODULES = ("run", "outputs", "journal", "pieces", "ordered")
PLACES = int(os.environ.get("EMOCONV_TEST_KILLS", "40"))
"""At so many lines, evenly spread over those that run, a run is killed."""

KILLED = 77


@pytest.fixture(scope="module")
def detector():
    return EmotionDetector.load(BUNDLE, engine="reference")


@pytest.fixture(autouse=True)
def inputs(tmp_path, monkeypatch):
    """Some inputs, and shards of two rows."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pieces, "SHARD_ROWS", 2)
    Path("in").mkdir()
    rows = [f"{n},{'' if text is None else text}" for n, text in enumerate(TEXTS)]
    rows[3:3] = ["torn", "a,b,c"]
    Path("in/a.csv").write_text("\n".join(["id,text", *rows, "last"]), encoding="utf-8")
    table = pa.table({"id": range(7), "text": TEXTS})
    pq.write_table(table, "in/b.parquet", row_group_size=3)
    Path("in/c.jsonl").write_text(
        "".join(json.dumps(row) + "\n" for row in table.to_pylist()), encoding="utf-8"
    )
    with pa.ipc.new_file("in/d.arrow", table.schema) as writer:
        writer.write_table(table, 2)
    pq.write_table(table.slice(0, 0), "in/e.parquet")


def no_progress(**_):
    """Take no note."""


def score(source, output, detector, progress=no_progress, **options):
    """Score with bad rows put aside."""
    request = Request(output=output, on_error="skip", **options)
    return run.score_files(find_inputs([source]), request, detector=detector, progress=progress)


def contents(output):
    """Return the checksum of each file that a run leaves, but for the time in its summary."""
    found = {}
    for path in sorted(Path().glob(f"{output.rstrip('/')}*")):
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.is_file():
                content = file.read_bytes()
                if file.name.endswith(".summary.json"):
                    summary = json.loads(content)
                    del summary["run"]
                    content = json.dumps(summary).encode()
                name = str(file).replace(output.rstrip("/"), "OUT", 1)
                found[name] = hashlib.sha256(content).hexdigest()
    return found


class Breaker:
    """Counts the lines that run in the modules of a run, and ends the process at one of them."""

    def __init__(self, at):
        self.at, self.count = at, 0
        self.files = {sys.modules[f"emoconv.scoring.{name}"].__file__ for name in MODULES}

    def __call__(self, frame, event, _argument):
        if frame.f_code.co_filename not in self.files:
            return None
        if event == "line":
            self.count += 1
            if self.count == self.at:
                os._exit(KILLED)
        return self


def traced(at, *arguments, **options):
    """Score under a breaker, and return how many lines ran."""
    breaker = Breaker(at)
    before = sys.gettrace()
    sys.settrace(breaker)
    try:
        score(*arguments, **options)
    finally:
        sys.settrace(before)
    return breaker.count


def killed(at, *arguments, **options):
    """Score in a process of its own that ends at a line as if it were killed there."""
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            traced(at, *arguments, **options)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a process that can be ended at a line")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize(
    ("source", "output", "overwrite"),
    [
        ("in/a.csv", "o.csv.gz", False),
        ("in/b.parquet", "o.parquet", True),
        ("in/c.jsonl", "o.jsonl", False),
        ("in/d.arrow", "o.arrow", False),
        ("in", "o/", False),
        ("in", "o/", True),
    ],
)
def test_a_run_killed_at_any_line_ends_as_if_it_had_not_been(source, output, overwrite, detector):
    options = {"overwrite": overwrite}
    whole = f"whole{output[1:]}"
    put_there(whole, overwrite)
    lines = traced(-1, source, whole, detector, **options)
    expected = contents(whole)

    kills, wrong = 0, []
    for at in range(1, lines, max(1, lines // PLACES)):
        put_there(output, overwrite)
        kills += killed(at, source, output, detector, **options)
        partial = Path(f"{output.rstrip('/')}.partial")
        journal = partial / "journal.jsonl"
        if partial.exists() and Path(output).exists() and not overwrite and not journal.exists():
            with pytest.raises(ConfigError, match="is there already"):  # as it is whole
                score(source, output, detector)
        elif partial.exists() or not Path(output).exists():
            score(source, output, detector, **options)
        if contents(output) != expected and not is_old(output):
            wrong.append(at)
        for path in Path().glob(f"{output.rstrip('/')}*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert kills >= PLACES
    assert [] == wrong


def put_there(output, wanted):
    """Put something in the place of an output, if it is wanted."""
    if wanted:
        path = Path(output)
        if output.endswith("/"):
            path.mkdir()
            path /= "old"
        path.write_bytes(b"old")


def is_old(output):
    """Tell whether an output is what was there before, as nothing had been begun."""
    path = Path(output, "old") if output.endswith("/") else Path(output)
    partial = Path(f"{output.rstrip('/')}.partial")
    return path.exists() and path.read_bytes() == b"old" and not partial.exists()
