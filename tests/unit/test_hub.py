import json
import logging
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from emoconv import EmotionDetector
from emoconv.bundle import read_bundle, shipped_bundle, write_bundle
from emoconv.errors import BundleError, ConfigError, HubError, MissingExtraError
from emoconv.hub import BUNDLE_FILES, find_folder, is_hub_name, push
from emoconv.hub.failures import failing_in_one_line
from emoconv.hub.names import parse_name
from hubs import READER, WRITER, Hub, connections, pointed_at, running, standing_in
from untrained import untrained_bundle

NAME = "someone/moods"


@pytest.fixture(scope="module", autouse=True)
def _connections():
    with connections():
        yield


@pytest.fixture
def hub(tmp_path, monkeypatch):
    with standing_in(tmp_path, monkeypatch) as made:
        yield made


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub") / "bundle"
    write_bundle(untrained_bundle(), folder, card="# Moods\n")
    return folder


@pytest.fixture(scope="module")
def files(bundle):
    return {path.name: path.read_bytes() for path in bundle.iterdir()}


def offline(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def test_the_files_of_a_bundle_are_those_that_are_written(bundle):
    assert {*BUNDLE_FILES, "README.md"} == {path.name for path in bundle.iterdir()}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("hub:a/b", True), (Path("hub:a/b"), True), ("a/b", False), (Path("/hub:a/b"), False)],
)
def test_a_name_of_the_hub_starts_with_its_prefix(name, expected):
    assert expected == is_hub_name(name)


def test_no_name_is_the_model_of_the_package():
    assert shipped_bundle() == find_folder(None)


@pytest.mark.parametrize("name", ["model", Path("model")])
def test_another_name_is_a_folder(name):
    assert Path("model") == find_folder(name)


@pytest.mark.parametrize(
    "name",
    [
        *("hub:", "hub:a", "hub:a/b/c", "hub:a/b@", "hub:a/b c", "hub:/b", "hub:a/b@../../x"),
        *("hub:a/b@x y", "hub:a/é", "hub:https://a/b"),
    ],
)
def test_a_name_that_is_not_of_the_form_is_refused(name):
    with pytest.raises(ConfigError, match="expected hub:USER/NAME or hub:USER/NAME@REVISION"):
        find_folder(name)


def test_a_name_that_the_hub_would_refuse_is_refused(hub):
    with pytest.raises(ConfigError, match=r"^hub:a--b/c--d: "):
        find_folder("hub:a--b/c--d")
    assert [] == hub.requests


def test_a_model_is_fetched_whole_and_without_a_file_more(hub, files):
    commit = hub.add(NAME, {**files, "evil.py": b"raise SystemExit", "big.bin": b"0"})
    folder = find_folder(f"hub:{NAME}@{commit}")
    assert set(BUNDLE_FILES) == {path.name for path in folder.iterdir()}
    assert read_bundle(folder).fingerprint() == untrained_bundle().fingerprint()
    assert {"evil.py", "big.bin", "README.md"}.isdisjoint(hub.requested())


def test_a_detector_is_loaded_from_the_hub(hub, bundle, files):
    commit = hub.add(NAME, files)
    texts = ["so happy", "", "I'm not"]
    expected = EmotionDetector.load(bundle).predict_proba(texts)
    for name in (f"hub:{NAME}@{commit}", Path(f"hub:{NAME}@main")):
        np.testing.assert_array_equal(expected, EmotionDetector.load(name).predict_proba(texts))


def test_a_pinned_model_says_nothing_and_is_read_from_the_cache_without_a_request(
    hub, files, caplog
):
    commit = hub.add(NAME, files)
    first = find_folder(f"hub:{NAME}@{commit}")
    hub.requests.clear()
    assert first == find_folder(f"hub:{NAME}@{commit}")
    assert ([], []) == (hub.requests, caplog.records)


@pytest.mark.parametrize("at", ["", "@main", "@v1"])
def test_a_model_that_is_not_pinned_says_its_commit_and_how_to_pin_it(hub, files, caplog, at):
    commit = hub.add(NAME, files)
    hub.repositories[NAME].refs["v1"] = commit
    with caplog.at_level(logging.WARNING):
        assert commit == find_folder(f"hub:{NAME}{at}").name
    expected = f"hub:{NAME}{at} is commit {commit[:12]} now; to stay with it: hub:{NAME}@{commit}"
    assert [("emoconv.hub", logging.WARNING, expected)] == caplog.record_tuples


def test_a_branch_that_moved_on_is_followed_and_a_pinned_commit_is_not(hub, files):
    before = hub.add(NAME, files)
    find_folder(f"hub:{NAME}")
    after = hub.repositories[NAME].commit({"new": b""})
    assert (after, before) == (
        find_folder(f"hub:{NAME}").name,
        find_folder(f"hub:{NAME}@{before}").name,
    )


@pytest.mark.parametrize("at", ["", "@main", "@COMMIT"])
@pytest.mark.parametrize("switched_off", [True, False])
def test_what_was_fetched_is_there_without_a_network(
    tmp_path, monkeypatch, files, at, switched_off
):
    made = Hub()
    commit = made.add(NAME, files)
    name = f"hub:{NAME}" + at.replace("COMMIT", commit)
    with running(made) as url, pointed_at(url, tmp_path, monkeypatch):
        folder = find_folder(name)
    with pointed_at(url, tmp_path, monkeypatch):  # nobody listens there any more
        if switched_off:
            offline(monkeypatch)
        assert folder == find_folder(name)
        assert 5 == len(read_bundle(find_folder(name)).labels)


def test_what_was_not_fetched_is_not_there_offline(hub, monkeypatch):
    offline(monkeypatch)
    with pytest.raises(HubError) as caught:
        find_folder(f"hub:{NAME}")
    expected = (
        f"cannot fetch hub:{NAME}: not all of it is in the cache, and HF_HUB_OFFLINE is set; unset "
        "it while you ask the Hub"
    )
    assert (expected, None, []) == (str(caught.value), caught.value.status, hub.requests)


def test_what_was_fetched_in_part_is_not_taken_for_whole(hub, files, monkeypatch):
    commit = hub.add(NAME, files)
    (find_folder(f"hub:{NAME}@{commit}") / "weights.safetensors").unlink()
    offline(monkeypatch)
    with pytest.raises(HubError, match="not all of it is in the cache"):
        find_folder(f"hub:{NAME}@{commit}")


def test_a_hub_that_cannot_be_reached_is_one_line(tmp_path, monkeypatch):
    with (
        pointed_at("http://127.0.0.1:9", tmp_path, monkeypatch),
        pytest.raises(HubError) as caught,
    ):
        find_folder(f"hub:{NAME}")
    found = re.sub(r"\(.*?\)", "(why)", str(caught.value))
    assert (
        f"cannot fetch hub:{NAME}: not all of it is in the cache, and the Hub could not be reached "
        "(why); check the network, and HF_ENDPOINT if it is set"
    ) == found
    assert caught.value.status is None


def test_a_hub_that_is_out_of_order_is_one_line(hub):
    hub.broken = 503
    with pytest.raises(HubError) as caught:
        find_folder(f"hub:{NAME}")
    assert (
        f"cannot fetch hub:{NAME}: not all of it is in the cache, and the Hub answered 503; try "
        "again later"
    ) == str(caught.value)
    assert 503 == caught.value.status


@pytest.mark.usefixtures("hub")
def test_a_repository_that_is_not_there_is_one_line():
    with pytest.raises(HubError) as caught:
        find_folder(f"hub:{NAME}")
    assert (
        f"cannot fetch hub:{NAME}: the Hub answered 401; there is no such model that you may read; "
        "check the name, or log in (hf auth login) or set HF_TOKEN if it is private"
    ) == str(caught.value)


def test_a_revision_that_is_not_there_is_one_line(hub, files):
    hub.add(NAME, files)
    with pytest.raises(HubError) as caught:
        find_folder(f"hub:{NAME}@v9")
    assert (
        f"cannot fetch hub:{NAME}@v9: the Hub answered 404; the repository has no such revision; "
        "look at its branches and tags"
    ) == str(caught.value)


def test_a_gated_repository_says_whom_to_ask(hub, files):
    hub.add(NAME, files, gated=True)
    with pytest.raises(HubError, match="its owner has to let you in first: ask on its page") as one:
        find_folder(f"hub:{NAME}")
    assert 403 == one.value.status


def test_a_private_repository_is_read_with_the_token_of_the_environment(hub, files, monkeypatch):
    commit = hub.add(NAME, files, private=True)
    with pytest.raises(HubError, match="if it is private"):
        find_folder(f"hub:{NAME}@{commit}")
    monkeypatch.setenv("HF_TOKEN", READER)
    assert commit == find_folder(f"hub:{NAME}@{commit}").name


@pytest.mark.parametrize("missing", BUNDLE_FILES)
def test_a_repository_without_a_file_of_a_bundle_is_none(hub, files, missing):
    hub.add(NAME, {name: content for name, content in files.items() if name != missing})
    with pytest.raises(BundleError, match=f"not an emoconv bundle: it has no {missing}"):
        find_folder(f"hub:{NAME}")


@pytest.mark.parametrize(
    "head",
    [
        *(b"", b"[]", b"{}", b'{"files": {}}', b'{"files": []}', b"\xff", b"[" * 100_000),
        b'{"files": {"labels.json": {"bytes": null}}}',
    ],
)
def test_a_head_of_something_else_is_no_bundle(hub, files, head):
    hub.add(NAME, {**files, "config.json": head or b" "})
    with pytest.raises(BundleError, match=r"its config.json is not the head of an emoconv bundle"):
        find_folder(f"hub:{NAME}")
    assert {"config.json"} == {name for name in hub.requested() if name in BUNDLE_FILES}


def test_a_file_of_another_size_is_not_fetched(hub, files):
    hub.add(NAME, {**files, "vocabulary.json": files["vocabulary.json"] + b" "})
    with pytest.raises(BundleError, match=r"vocabulary.json has \d+ bytes where config.json says"):
        find_folder(f"hub:{NAME}")
    assert "vocabulary.json" not in hub.requested()


@pytest.mark.parametrize("size", [2**31 + 1, -1])
def test_a_bundle_of_a_size_that_cannot_be_is_not_fetched(hub, files, size):
    head = json.loads(files["config.json"])
    head["files"]["weights.safetensors"]["bytes"] = size
    hub.add(NAME, {**files, "config.json": json.dumps(head).encode()})
    with pytest.raises(BundleError, match=f"is said to have {size} bytes, too many to fetch"):
        find_folder(f"hub:{NAME}")


def test_a_head_that_is_too_large_is_not_fetched(hub, files):
    hub.add(NAME, {**files, "config.json": b" " * (2**24 + 1)})
    with pytest.raises(BundleError, match=r"config.json has 16777217 bytes, too many"):
        find_folder(f"hub:{NAME}")
    assert [] == hub.requested()


def test_a_changed_file_of_the_right_size_is_found_by_who_reads_it(hub, files):
    changed = files["labels.json"].replace(b"joy", b"yoj")
    commit = hub.add(NAME, {**files, "labels.json": changed})
    with pytest.raises(BundleError, match=r"labels.json: was changed after it was written"):
        EmotionDetector.load(f"hub:{NAME}@{commit}")


def test_a_full_disk_is_not_blamed_on_the_hub(hub, files, monkeypatch):
    commit = hub.add(NAME, files)

    def failing(*_, **__):
        raise OSError(28, "No space left on device", "/cache")

    monkeypatch.setattr("huggingface_hub.hf_hub_download", failing)
    with pytest.raises(OSError, match="No space left"):
        find_folder(f"hub:{NAME}@{commit}")


def test_a_size_that_nobody_tells_is_one_line(hub, files, monkeypatch):
    hub.add(NAME, files)
    monkeypatch.setattr(
        "huggingface_hub.hf_hub_download", lambda *_, **__: type("Told", (), {"file_size": None})
    )
    with pytest.raises(HubError, match=r"does not say how large config.json is"):
        find_folder(f"hub:{NAME}")


def test_without_the_extra_it_says_which_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'emoconv\[hub\]'"):
        find_folder(f"hub:{NAME}")


# huggingface_hub itself uploads in a way that its own HTTP library has grown tired of
@pytest.mark.filterwarnings("ignore:Use 'content=")
def test_what_is_pushed_can_be_loaded(hub, bundle, files, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", WRITER)
    made = push({path.name: path for path in bundle.iterdir()}, NAME, message="First")
    (commit,) = hub.repositories[NAME].commits
    assert f"hub:{NAME}@{commit}" == made.name
    assert made.url.endswith(f"/{NAME}/commit/{commit}")
    assert files == hub.repositories[NAME].commits[commit]
    assert read_bundle(find_folder(made.name)).fingerprint() == untrained_bundle().fingerprint()


def test_a_second_push_is_a_second_commit(hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", WRITER)
    push({"a": b"1"}, NAME, message="First")
    push({"b": b"2"}, NAME, message="Second")
    repository = hub.repositories[NAME]
    assert 2 == len(repository.commits)
    assert {"a": b"1", "b": b"2"} == repository.commits[repository.refs["main"]]


@pytest.mark.parametrize("private", [True, False])
def test_a_new_repository_may_be_private(hub, monkeypatch, private):
    monkeypatch.setenv("HF_TOKEN", WRITER)
    push({"a": b"1"}, NAME, message="First", private=private)
    assert private == hub.repositories[NAME].private


def test_the_token_may_lie_where_logging_in_puts_it(hub, tmp_path):
    (tmp_path / "token").write_text(WRITER)
    push({"a": b"1"}, NAME, message="First")
    assert [NAME] == list(hub.repositories)


@pytest.mark.parametrize(
    ("token", "answered"),
    [("", "401, Invalid username or password"), (READER, "403, You don't have the rights")],
)
def test_a_push_without_leave_to_write_is_one_line(hub, monkeypatch, token, answered):
    monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(HubError) as caught:
        push({"a": b"1"}, NAME, message="First")
    assert (
        f"cannot push to hub:{NAME}: the Hub answered {answered}; you may not write there; log in "
        "(hf auth login) or set HF_TOKEN, with a token that may"
    ) == str(caught.value)
    assert {} == hub.repositories


@pytest.mark.filterwarnings("ignore:Use 'content=")
def test_an_upload_that_breaks_off_is_one_line(hub, bundle, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", WRITER)
    hub.takes_uploads = False
    with pytest.raises(HubError) as caught:
        push({path.name: path for path in bundle.iterdir()}, NAME, message="First")
    expected = f"cannot push to hub:{NAME}: the Hub answered 500; try again later"
    assert (expected, 500) == (str(caught.value), caught.value.status)
    assert {} == hub.repositories[NAME].commits


def test_a_card_that_the_hub_refuses_is_one_line(hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", WRITER)
    hub.card_errors = ['"license" must be one of [apache-2.0]']
    with pytest.raises(HubError) as caught:
        push({"README.md": b"---\nlicense: mine\n---\n"}, NAME, message="First")
    assert (
        f"cannot push to hub:{NAME}: huggingface_hub says: Invalid metadata in README.md. - "
        '"license" must be one of [apache-2.0]; mend that and try again'
    ) == str(caught.value)


def test_a_push_to_a_hub_that_cannot_be_reached_is_one_line(tmp_path, monkeypatch):
    with (
        pointed_at("http://127.0.0.1:9", tmp_path, monkeypatch),
        pytest.raises(HubError, match=f"^cannot push to hub:{NAME}: the Hub could not be reached"),
    ):
        push({"a": b"1"}, NAME, message="First")


def test_a_push_without_a_network_on_purpose_is_one_line(hub, monkeypatch):
    offline(monkeypatch)
    with pytest.raises(HubError) as caught:
        push({"a": b"1"}, NAME, message="First")
    expected = f"cannot push to hub:{NAME}: HF_HUB_OFFLINE is set; unset it while you ask the Hub"
    assert (expected, []) == (str(caught.value), hub.requests)


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (413, "mend that and try again"),
        (
            429,
            (
                "wait some minutes; if you have not, log in (hf auth login) or set HF_TOKEN, as it "
                "lets you ask more often"
            ),
        ),
        (502, "try again later"),
    ],
)
def test_any_other_answer_is_one_line(hub, monkeypatch, status, advice):
    monkeypatch.setenv("HF_TOKEN", WRITER)
    hub.add(NAME, {"a": b"1"})
    hub.broken = status
    with pytest.raises(HubError) as caught:
        push({"README.md": b"# Moods"}, NAME, message="First")
    expected = f"cannot push to hub:{NAME}: the Hub answered {status}, broken; {advice}"
    assert expected == str(caught.value)


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (json.JSONDecodeError("Expecting value", "<html>", 0), "the Hub's answer is no JSON; try"),
        (ConnectionError(), "the Hub could not be reached (ConnectionError); check the network"),
        (RuntimeError("two\nlines\x1b[31m"), "huggingface_hub says: two lines[31m; mend that"),
        (ValueError("x" * 1_000), f"huggingface_hub says: {'x' * 200}...; mend that and try"),
    ],
)
def test_what_the_library_raises_is_one_line_that_a_terminal_does_not_obey(raised, expected):
    def fail():
        with failing_in_one_line(parse_name(f"hub:{NAME}")):
            raise raised

    with pytest.raises(HubError) as caught:
        fail()
    assert str(caught.value).startswith(f"cannot fetch hub:{NAME}: {expected}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("name", "why"), [("a/b@main", "names a revision"), ("a", "expected hub")])
def test_a_push_is_to_a_repository(name, why):
    with pytest.raises(ConfigError, match=why):
        push({}, name, message="First")


def test_a_folder_is_loaded_without_the_packages_of_the_extras(bundle):
    code = """
import sys
from emoconv import EmotionDetector
from emoconv.cli import convert, export, push
EmotionDetector.load(sys.argv[1]).detect("so happy")
extras = {"huggingface_hub", "yaml", "onnx", "onnxruntime", "h5py"}
print(sorted(extras & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(bundle)], capture_output=True, text=True, check=False
    )
    assert ("[]\n", "") == (done.stdout, done.stderr)


def test_the_log_is_a_line_on_stderr(hub, files, tmp_path):
    commit = hub.add(NAME, files)
    url = __import__("huggingface_hub").constants.ENDPOINT
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from emoconv.cli import main; main()",
            "detect",
            "--model",
            f"hub:{NAME}",
            "so happy",
        ],
        env={"HF_ENDPOINT": url, "HF_HOME": str(tmp_path), "HF_HUB_DISABLE_TELEMETRY": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode
    assert done.stdout.startswith("so happy\t")
    assert [f"hub:{NAME}@{commit}"] == [line.split()[-1] for line in done.stderr.splitlines()]
