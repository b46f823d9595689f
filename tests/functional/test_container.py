"""The container image: what ``Dockerfile`` says, built by its own steps and run as a cluster would.

There is no Docker here. The steps are taken as root in a folder with namespaces of its own (see
``dev/build_image.py``); all that is not the file's own is the base image, for which this system
stands in.
"""

import importlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from emoconv import EmotionDetector, __version__

ROOT = Path(__file__).parents[2]
TEXT = "I can't wait!!!"
NOTHING = "0000000000000000"


@pytest.fixture(scope="module")
def module():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "dev")
        yield importlib.import_module


@pytest.fixture(scope="module")
def dockerfile(module):
    return module("dockerfile")


@pytest.fixture(scope="module")
def running(module):
    return module("container").running


@pytest.fixture(scope="module")
def stages(dockerfile):
    return dockerfile.read(ROOT / "Dockerfile")


@pytest.fixture(scope="module")
def image(module, tmp_path_factory):
    if not module("container").can_run():
        pytest.skip("needs root, and the right to make namespaces")
    folder = tmp_path_factory.mktemp("image")
    folder.parent.chmod(0o755)  # the service is somebody else
    folder.chmod(0o755)
    yield module("build_image").build(folder)
    shutil.rmtree(folder)  # half a gigabyte


def detect(container):
    url = f"http://localhost:{container.port}/v1/detect"
    answer = httpx.post(url, json={"text": TEXT, "probabilities": True})
    return answer.raise_for_status().json()["results"][0]


def test_a_linter_finds_nothing():
    beside = Path(sys.executable).parent / "hadolint"
    done = subprocess.run(
        [beside, ROOT / "Dockerfile"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (0, "") == (done.returncode, done.stdout + done.stderr)


def test_it_says_who_it_is_and_starts_without_a_shell(stages):
    last = stages[-1]
    (labels,) = (step.pairs({"REVISION": "abc"}) for step in last.of("LABEL"))
    assert __version__ == labels["org.opencontainers.image.version"]
    assert "abc" == labels["org.opencontainers.image.revision"]
    assert stages[0].base in labels["org.opencontainers.image.base.name"]
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", stages[0].base)
    assert ["base", "base"] == [stage.base for stage in stages[1:]]
    assert ("SIGTERM", "8000") == (last.of("STOPSIGNAL")[0].value, last.of("EXPOSE")[0].value)
    commands = [
        step.value.removeprefix("CMD ")
        for word in ("ENTRYPOINT", "CMD", "HEALTHCHECK")
        for step in last.of(word)
    ]
    assert ["[", "[", "["] == [command[0] for command in commands]
    assert [] == last.of("RUN")


def test_only_what_it_needs_is_sent_to_its_build(dockerfile):
    sent = dockerfile.context(ROOT)
    tops = {path.parts[0] for path in sent}
    assert {"LICENSE", "README.md", "constraints.txt", "pyproject.toml", "src"} == tops
    assert not [path for path in sent if "__pycache__" in path.parts]
    assert Path("src/emoconv/model/config.json") in sent


def test_it_holds_what_serves_and_nothing_else(image):
    (packages,) = image.root.glob("opt/emoconv/lib/python3*/site-packages")
    names = {path.name.partition("-")[0].lower() for path in packages.glob("*.dist-info")}
    assert {"emoconv", "fastapi", "numba", "uvicorn"} <= names
    assert not {"hatchling", "pip", "pytest", "sphinx", "torch", "transformers"} & names
    assert not list(packages.glob("*/tests"))
    assert (packages / "emoconv/model/weights.safetensors").exists()
    kept = list(packages.glob("emoconv/__pycache__/*.o"))
    assert {"compute_logits", "encode", "fill", "fold_rows"} == {
        path.name.partition("-")[0] for path in kept
    }


def test_nothing_in_it_is_the_services_to_write(image):
    user = int(image.user.partition(":")[0])
    found = [path for path in image.root.rglob("*") if path.lstat().st_uid == user]
    assert [image.root / "cache"] == found
    open_to_all = [
        path
        for path in (image.root / "opt").rglob("*")
        if not path.is_symlink() and path.stat().st_mode & 0o022
    ]
    assert [] == open_to_all


def test_it_serves_without_rights_shell_home_or_a_place_to_write(image, running, tmp_path):
    with running(image, tmp_path / "log") as found:
        answer = detect(found)
        ids = found.status("Uid").split() + found.status("Gid").split()
        rights = {found.status(name) for name in ("CapEff", "CapPrm", "CapBnd", "CapInh")}
        no_more = found.status("NoNewPrivs")
        mounts = [line.split() for line in found.read("mounts").splitlines()]
        has_home = "\0HOME=" in "\0" + found.read("environ")
        code = found.stop()

    assert ["10001"] * 8 == ids
    assert ({NOTHING}, "1", False) == (rights, no_more, has_home)
    writable = {place for _, place, _, options, *_ in mounts if "rw" in options.split(",")}
    shells = {place for place in writable if place.startswith("/usr/bin/")}  # hidden by /dev/null
    assert shells
    assert {"/dev/null", "/dev/random", "/dev/urandom", "/dev/zero", "/proc"} == writable - shells
    assert 0 == code
    events = [json.loads(line)["event"] for line in found.log.read_text("utf-8").splitlines()]
    assert ["listening", "ready", "request", "stopping", "stopped"] == events
    expected = EmotionDetector.load(engine="compiled")
    for label, value in zip(expected.labels, expected.predict_proba([TEXT])[0], strict=True):
        assert pytest.approx(value, abs=0.001) == answer["probabilities"][label]


def test_its_machine_code_is_used_and_without_it_the_service_makes_its_own(
    image, running, tmp_path
):
    with running(image, tmp_path / "log") as found:
        loaded = found.read("maps")
    # where neither the image's code is found nor any can be kept, as on another kind of processor
    with running(image, tmp_path / "other", EMOCONV_CACHE="/nowhere") as other:
        made = other.read("maps")
        answer = detect(other)

    assert "/llvmlite/" in loaded
    assert "/numba/" not in loaded
    assert "/numba/" in made
    assert '"engine": "compiled"' in other.log.read_text("utf-8")
    assert "excitement" == answer["labels"][0]["label"]
    assert found.seconds < other.seconds


def test_its_machine_code_is_used_on_another_processor_too(image):
    program = (
        "import sys; from llvmlite import binding; binding.get_host_cpu_name = lambda: 'another'; "
        "binding.get_host_cpu_features = dict; from emoconv import EmotionDetector; "
        "EmotionDetector.load(engine='compiled').warm(); print('numba' in sys.modules)"
    )
    done = subprocess.run(
        image.start_of(["python", "-c", program]),
        env=image.env,
        check=False,
        capture_output=True,
        text=True,
    )
    assert (0, "False\n", "") == (done.returncode, done.stdout, done.stderr)


def test_its_health_is_that_of_the_service(image, running, tmp_path):
    def health(env):
        done = subprocess.run(
            image.start_of(image.health()), env=env, check=False, capture_output=True
        )
        return done.returncode

    with running(image, tmp_path / "log", http_proxy="http://localhost:1") as found:
        assert 0 == health(found.env)
        found.stop()
        assert 1 == health(found.env)


def test_it_is_the_command_line_too(image):
    entrypoint = image.main()[:-1]
    done = subprocess.run(
        image.start_of([*entrypoint, "detect", "Thank you so much!"]),
        env=image.env,
        check=False,
        capture_output=True,
        text=True,
    )
    assert (0, "") == (done.returncode, done.stderr)
    assert "gratitude" in done.stdout
