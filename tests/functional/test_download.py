"""Fetching published files from a real HTTP server on loopback, with all that can go wrong."""

import gzip
import hashlib
import io
import re
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from emoconv.cli.download import download
from emoconv.data import COLLECTIONS, FetchedFile, PublishedFile, cache_folder, fetch, fetch_file
from emoconv.data import download as module
from emoconv.errors import ConfigError, DownloadError

CONTENT = b"so good\t17\tc1\n" * 20_000
HALF = 2 * module.CHUNK_BYTES
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Publisher(ThreadingHTTPServer):
    """A server of one content; its attributes say how it misbehaves, ``asked`` what was asked."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.content = CONTENT
        self.statuses = []  # of the next answers; then 200 or 206
        self.cuts = []  # after how many bytes of the body the next answers break off
        self.knows_ranges = True
        self.says_length = True
        self.packs = False
        self.hangs_s = 0
        self.stopped = threading.Event()
        self.asked = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        """Say nothing when a client hangs up."""


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        span = self.headers["Range"]
        server.asked.append((self.path, span))
        if server.statuses and (status := server.statuses.pop(0)) != 200:
            self.send_error(status)
            return
        server.stopped.wait(server.hangs_s)
        body = gzip.compress(server.content) if server.packs else server.content
        start = 0
        if span and server.knows_ranges:
            start = int(re.fullmatch(r"bytes=(\d+)-", span)[1])
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        else:
            self.send_response(200)
        if server.packs:
            self.send_header("Content-Encoding", "gzip")
        if server.says_length:
            self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        cut = server.cuts.pop(0) if server.cuts else len(body)
        self.wfile.write(body[start : start + cut])

    def log_message(self, *_args):
        """Keep quiet."""


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def publisher():
    with Publisher() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.stopped.set()
        server.shutdown()
        thread.join()


def published(*urls, **changes):
    values = {"size_bytes": len(CONTENT), "sha256": SHA256, **changes}
    return PublishedFile("goemotions", "train.tsv", urls=urls, **values)


def get(publisher, folder, **options):
    file = published(f"{publisher.url}/train.tsv")
    return fetch_file(file, folder, **{"retries": 0, **options})


def complaint(call):
    with pytest.raises(DownloadError) as error:
        call()
    assert "\n" not in str(error.value)
    return str(error.value)


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def part_file(folder, content):
    path = folder / "goemotions" / "train.tsv.part"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return path


def test_a_file_is_fetched_once(publisher, tmp_path):
    path = tmp_path / "goemotions" / "train.tsv"
    assert FetchedFile(path, downloaded=True) == get(publisher, tmp_path)
    assert CONTENT == path.read_bytes()
    assert FetchedFile(path, downloaded=False) == get(publisher, tmp_path)
    assert ["goemotions/train.tsv"] == files(tmp_path)
    assert [("/train.tsv", None)] == publisher.asked


def test_a_damaged_file_is_fetched_again(publisher, tmp_path):
    path = get(publisher, tmp_path).path
    path.write_bytes(CONTENT[:-1])
    assert get(publisher, tmp_path).downloaded
    assert CONTENT == path.read_bytes()


@pytest.mark.parametrize("says_length", [True, False])
def test_a_truncated_transfer_is_told_and_the_next_run_fetches_the_rest(
    publisher, tmp_path, says_length
):
    publisher.says_length = says_length
    publisher.cuts = [HALF]
    assert complaint(lambda: get(publisher, tmp_path)) == (
        f"{publisher.url}/train.tsv: the transfer broke off; {HALF:,} of {len(CONTENT):,} bytes "
        "are kept, run the same command again to fetch the rest"
    )
    assert ["goemotions/train.tsv.part"] == files(tmp_path)
    path = get(publisher, tmp_path).path
    assert CONTENT == path.read_bytes()
    assert ["goemotions/train.tsv"] == files(tmp_path)
    assert [("/train.tsv", None), ("/train.tsv", f"bytes={HALF}-")] == publisher.asked


def test_a_truncated_transfer_is_tried_again_from_where_it_stopped(publisher, tmp_path):
    publisher.cuts = [HALF]
    assert CONTENT == get(publisher, tmp_path, retries=1).path.read_bytes()
    assert [None, f"bytes={HALF}-"] == [span for _, span in publisher.asked]


def test_a_server_that_knows_no_ranges_sends_everything_again(publisher, tmp_path):
    publisher.knows_ranges = False
    part_file(tmp_path, CONTENT[:HALF])
    assert CONTENT == get(publisher, tmp_path).path.read_bytes()


def test_a_rest_that_does_not_fit_makes_the_transfer_start_over(publisher, tmp_path):
    part_file(tmp_path, b"another file" * 9)
    assert CONTENT == get(publisher, tmp_path).path.read_bytes()
    assert ["bytes=108-", None] == [span for _, span in publisher.asked]


@pytest.mark.parametrize("content", [CONTENT + b"more", bytes(len(CONTENT))])
def test_leftovers_that_are_too_long_or_wrong_are_dropped(publisher, tmp_path, content):
    part_file(tmp_path, content)
    assert CONTENT == get(publisher, tmp_path).path.read_bytes()
    assert [("/train.tsv", None)] == publisher.asked


def test_whole_leftovers_are_taken_without_a_transfer(publisher, tmp_path):
    part_file(tmp_path, CONTENT)
    assert CONTENT == get(publisher, tmp_path).path.read_bytes()
    assert [] == publisher.asked


def test_a_packed_answer_is_unpacked(publisher, tmp_path):
    publisher.packs = True
    assert CONTENT == get(publisher, tmp_path).path.read_bytes()


@pytest.mark.parametrize("leftovers", [b"", CONTENT[:HALF]])
def test_a_wrong_checksum_is_told_and_nothing_is_kept(publisher, tmp_path, leftovers):
    publisher.content = bytes(len(CONTENT))
    if leftovers:
        part_file(tmp_path, leftovers)
    found = hashlib.sha256(publisher.content).hexdigest()
    assert complaint(lambda: get(publisher, tmp_path, retries=2)) == (
        f"{publisher.url}/train.tsv: wrong checksum, nothing was kept; expected SHA-256 {SHA256}, "
        f"found {found}: the file has changed or was tampered with"
    )
    assert [] == files(tmp_path)


@pytest.mark.parametrize("kept", [0, 100])
def test_a_file_of_another_size_is_refused_before_it_is_transferred(publisher, tmp_path, kept):
    publisher.content = CONTENT + b"more"
    if kept:
        part_file(tmp_path, CONTENT[:kept])
    assert complaint(lambda: get(publisher, tmp_path, retries=2)) == (
        f"{publisher.url}/train.tsv: the server has 280,004 bytes, expected 280,000: this is not "
        "the published file"
    )
    assert 1 == len(publisher.asked)


def test_a_file_that_is_not_there_is_told_at_once(publisher, tmp_path):
    publisher.statuses = [404]
    expected = f"{publisher.url}/train.tsv: the server answered 404 Not Found"
    assert expected == complaint(lambda: get(publisher, tmp_path, retries=2))
    assert 1 == len(publisher.asked)


@pytest.mark.parametrize(
    ("status", "reason"), [(500, "Internal Server Error"), (429, "Too Many Requests")]
)
def test_a_server_in_trouble_is_told(publisher, tmp_path, status, reason):
    publisher.statuses = [status]
    expected = f"{publisher.url}/train.tsv: the server answered {status} {reason}"
    assert expected == complaint(lambda: get(publisher, tmp_path))


def test_a_server_in_trouble_is_asked_again(publisher, tmp_path):
    publisher.statuses = [503]
    assert get(publisher, tmp_path, retries=1).downloaded


def test_the_second_address_is_asked_if_the_first_fails(publisher, tmp_path):
    publisher.statuses = [404]
    file = published(f"{publisher.url}/old", f"{publisher.url}/new")
    assert fetch_file(file, tmp_path, retries=0).downloaded
    assert ["/old", "/new"] == [path for path, _ in publisher.asked]


def test_every_address_that_failed_is_told(publisher, tmp_path):
    publisher.statuses = [404, 410]
    file = published(f"{publisher.url}/old", f"{publisher.url}/new")
    assert complaint(lambda: fetch_file(file, tmp_path, retries=0)) == (
        f"{publisher.url}/old: the server answered 404 Not Found; "
        f"{publisher.url}/new: the server answered 410 Gone"
    )


def test_no_connection_is_told(tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        found = complaint(lambda: fetch_file(published(f"{url}/train.tsv"), tmp_path, retries=0))
    host = url.removeprefix("http://")
    assert f"{url}/train.tsv: no connection to {host} (Connection refused)" == found


def test_no_name_service_is_told(tmp_path):
    file = published("http://no-such-host.invalid/train.tsv")
    found = complaint(lambda: fetch_file(file, tmp_path, retries=0))
    assert found.startswith(f"{file.urls[0]}: no connection to no-such-host.invalid (")


def test_a_server_that_does_not_answer_is_told(publisher, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "TIMEOUT_S", 0.1)
    publisher.hangs_s = 30
    expected = f"{publisher.url}/train.tsv: no answer within 0.1 s"
    assert expected == complaint(lambda: get(publisher, tmp_path))


def test_an_address_that_is_none_is_told(tmp_path):
    found = complaint(lambda: fetch_file(published(), tmp_path, mirror="here", retries=0))
    assert found.startswith("here/train.tsv: Invalid URL 'here/train.tsv'")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_disk_that_fills_up_is_told(publisher, tmp_path):
    (tmp_path / "goemotions").mkdir()
    (tmp_path / "goemotions" / "train.tsv.part").symlink_to("/dev/full")
    assert complaint(lambda: get(publisher, tmp_path)) == (
        f"{tmp_path / 'goemotions' / 'train.tsv'}: the disk is full (No space left on device); "
        "make room and run this again"
    )
    assert 1 == len(publisher.asked)


def test_a_disk_that_is_too_small_is_told_before_the_transfer(publisher, tmp_path):
    file = published(f"{publisher.url}/train.tsv", size_bytes=10**18)
    found = complaint(lambda: fetch_file(file, tmp_path, retries=0))
    assert re.fullmatch(
        re.escape(f"{tmp_path / 'goemotions' / 'train.tsv'}: the disk is full ")
        + r"\(1,000,000,000,000,000,000 bytes are needed, [0-9,]+ are free\); "
        "make room and run this again",
        found,
    )
    assert [] == publisher.asked


def test_a_folder_that_cannot_be_made_is_told(publisher, tmp_path):
    (tmp_path / "taken").write_text("a file")
    target = tmp_path / "taken" / "goemotions" / "train.tsv"
    assert f"{target}: cannot be written (Not a directory)" == complaint(
        lambda: get(publisher, tmp_path / "taken")
    )


def test_progress_is_shown_on_a_terminal_and_counts_what_was_there(
    publisher, tmp_path, monkeypatch
):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    part_file(tmp_path, CONTENT[:HALF])
    monkeypatch.setattr(sys, "stderr", Terminal())
    get(publisher, tmp_path, progress=True)
    assert "train.tsv:  47%" in sys.stderr.getvalue()
    assert "train.tsv: 100%" in sys.stderr.getvalue()


def test_the_cache_folder_is_the_environments_or_the_systems(monkeypatch, tmp_path):
    monkeypatch.setenv("EMOCONV_CACHE", str(tmp_path))
    assert tmp_path == cache_folder()
    monkeypatch.delenv("EMOCONV_CACHE")
    assert "emoconv" in cache_folder().parts


def test_a_collection_is_fetched_to_the_cache_folder(publisher, tmp_path, monkeypatch):
    monkeypatch.setenv("EMOCONV_CACHE", str(tmp_path))
    monkeypatch.setitem(COLLECTIONS, "tiny", (published(f"{publisher.url}/train.tsv"),))
    path = tmp_path / "goemotions" / "train.tsv"
    assert [FetchedFile(path, downloaded=True)] == fetch("tiny")


def test_an_unknown_collection_is_told(tmp_path):
    with pytest.raises(ConfigError) as error:
        fetch("goemotion", to=tmp_path)
    assert str(error.value) == (
        "'goemotion' is not one of goemotions, goemotions-mappings, goemotions-raw, "
        "glove-6b, glove-840b; did you mean 'goemotions'?"
    )


def test_the_command_fetches_from_a_mirror_and_prints_where_files_are(
    publisher, tmp_path, monkeypatch
):
    monkeypatch.setitem(COLLECTIONS, "goemotions", (published("http://127.0.0.1:1/train.tsv"),))
    arguments = ["--to", str(tmp_path), "--mirror", f"{publisher.url}/there/"]
    path = tmp_path / "goemotions" / "train.tsv"
    for expected in ("downloaded", "already there"):
        result = CliRunner().invoke(download, arguments, catch_exceptions=False)
        assert (0, f"{path}  {expected}\n") == (result.exit_code, result.stdout)
    assert [("/there/train.tsv", None)] == publisher.asked


def test_the_command_fetches_to_the_cache_folder_by_default(publisher, tmp_path, monkeypatch):
    monkeypatch.setenv("EMOCONV_CACHE", str(tmp_path))
    monkeypatch.setitem(COLLECTIONS, "glove-6b", (published(f"{publisher.url}/train.tsv"),))
    result = CliRunner().invoke(download, ["glove-6b"], catch_exceptions=False)
    assert f"{tmp_path / 'goemotions' / 'train.tsv'}  downloaded\n" == result.stdout


def test_the_command_passes_errors_on(publisher, tmp_path):
    publisher.statuses = [404]
    result = CliRunner().invoke(
        download, ["--to", str(tmp_path), "--mirror", publisher.url, "--retries", "0"]
    )
    assert isinstance(result.exception, DownloadError)
    assert f"{publisher.url}/train.tsv: the server answered 404 Not Found" == str(result.exception)


def test_the_help_names_the_collections_and_their_sizes():
    result = CliRunner().invoke(download, ["--help"], catch_exceptions=False)
    assert "glove-6b: glove.6B.zip (862 MB)" in result.stdout
