"""What the page on serving shows is what the service does."""

import asyncio
import json
import re
import shlex
import shutil
import subprocess
from dataclasses import fields
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest
import yaml
from click import Context

from emoconv.cli import main
from emoconv.cli.serve import serve
from emoconv.service import Limits
from emoconv.service.problems import STATUS
from serving import serving

PAGE = (Path(__file__).parents[2] / "docs/how-to/serve.md").read_text("utf-8")
S_AND_M = re.DOTALL | re.MULTILINE
URL = "http://127.0.0.1:8000"
VARY = ("model", "request_id")
"""Keys whose values change: with the model, with the request."""


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, flags=S_AND_M)


def commands():
    joined = "".join(blocks("bash")).replace("\\\n", "")
    return [shlex.split(line) for line in joined.splitlines()]


def rows(heading):
    """The rows of the table of a section, as lists of cells."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = re.findall(r"^\| (.*) \|$", section, flags=re.MULTILINE)
    return [[cell.strip() for cell in line.split(" | ")] for line in lines[1:]]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("server")) as started:
        yield started


def same(shown, found):
    """Compare two values of JSON, numbers as closely as two engines agree."""
    if isinstance(shown, dict):
        assert shown.keys() == found.keys()
        for key in shown.keys() - set(VARY):
            same(shown[key], found[key])
    elif isinstance(shown, list):
        assert len(shown) == len(found)
        for one, other in zip(shown, found, strict=True):
            same(one, other)
    elif isinstance(shown, float):
        assert pytest.approx(shown, abs=0.011) == found
    else:
        assert shown == found


def test_what_curl_gets_is_what_the_page_shows(server):
    pairs = re.findall(r"^```bash\n(curl[^`]*)^```\n\n```json\n(.*?)^```", PAGE, flags=S_AND_M)
    assert len(pairs) == 5
    for command, shown in pairs:
        typed = shlex.split(command.replace("\\\n", "").replace(URL, server.url))
        done = subprocess.run([*typed, "--silent"], capture_output=True, text=True, check=True)
        same(json.loads(shown), json.loads(done.stdout))


@pytest.mark.parametrize(
    "words", [words for words in commands() if words[0] == "emoconv"], ids=" ".join
)
def test_every_way_to_start_it_can_be_parsed(words):
    assert "serve" == words[1]
    serve.make_context("serve", list(words[2:]), parent=Context(main))


def test_the_table_of_limits_is_whole():
    options = {option.name: option for option in serve.params}
    shown = {row[0].strip("`"): row[1] for row in rows("Limits")}
    told = {
        options[one.name].opts[0]: f"{one.default:,g}" if one.default else "none"
        for one in fields(Limits)
    }
    told["--max-body"], told["--max-held"] = f"{2**20:,}", f"{2**26:,}"  # more than %g shows
    assert shown == told


def test_the_table_of_statuses_is_whole():
    shown = {row[1].strip("`"): int(row[0]) for row in rows("What each status means")}
    assert shown == {kind: status.value for kind, status in STATUS.items()}


def test_its_metrics_are_there(server):
    httpx.post(f"{server.url}/v1/detect", json={"text": "Thanks!"})
    httpx.post(f"{server.url}/v1/detect", json={})
    found = httpx.get(f"{server.url}/metrics").text
    named = re.findall(r"\b(?:emoconv_[a-z_]+|process_[a-z_]+)", "".join(map(str, rows("Metrics"))))
    used = re.findall(r"\b(emoconv_[a-z_]+)[{\[]", "".join(blocks("yaml")))
    assert len(named) > 8
    assert len(used) > 5
    for name in {*named, *used}:
        assert re.search(rf"^{name}(_bucket)?[{{ ]", found, re.MULTILINE), name
    for kind in re.findall(r'kind=~"(.*?)"', "".join(blocks("yaml"))):
        assert set(kind.split("|")) <= STATUS.keys()


def test_idle_connections_are_closed_after_the_seconds_that_proxies_are_told_of():
    (seconds,) = re.findall(r"below the (\d+) s after which the service closes", PAGE)
    assert int(seconds) == Limits().keep_alive_timeout_s


def test_the_log_line_that_it_shows_is_one(server):
    (shown,) = (json.loads(block) for block in blocks("json") if '"time"' in block)
    text = "nobody may read this"
    answer = httpx.post(f"{server.url}/v1/detect", json={"texts": [text, text]})

    assert shown.keys() == server.event_of(answer.headers["X-Request-ID"]).keys()
    assert text not in server.log.read_text("utf-8")


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_prometheus_takes_its_files(tmp_path):
    scraping, rules = blocks("yaml")
    (tmp_path / "rules.yml").write_text(rules)
    (tmp_path / "key").write_text("sesame")
    scraping = scraping.replace("/etc/prometheus/emoconv.key", str(tmp_path / "key"))
    (tmp_path / "prometheus.yml").write_text(f"rule_files: [rules.yml]\n{scraping}")
    done = subprocess.run(
        ["promtool", "check", "config", "prometheus.yml"],  # noqa: S607 - whichever is there
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (0, "") == (done.returncode, done.stderr)
    assert "6 rules found" in done.stdout


def test_its_yaml_is_yaml():
    assert ["scrape_configs", "groups"] == [
        next(iter(yaml.safe_load(one))) for one in blocks("yaml")
    ]


def test_the_programs_run_and_the_part_of_another_answers():
    names = {}
    for block in blocks("python"):
        exec(compile(block, "serve.md", "exec"), names)  # noqa: S102 - our own page
    whole = names["whole"]

    async def ask():
        transport = httpx.ASGITransport(whole)
        async with (
            whole.router.lifespan_context(whole),
            httpx.AsyncClient(transport=transport, base_url="http://test/emotions") as client,
        ):
            for _ in range(600):
                if (await client.get("/health/ready")).status_code == HTTPStatus.OK:
                    break
                await asyncio.sleep(0.1)
            found = await client.post("/v1/detect", json={"text": "Thanks!"})
            return found.json(), (await client.get("/v1/model")).json()

    found, model = asyncio.run(ask())
    assert "gratitude" == found["results"][0]["labels"][0]["label"]
    assert 64 == model["limits"]["texts"]
