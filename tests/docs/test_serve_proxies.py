"""The proxies of the page on serving, if they are installed, pass on what the page says."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from serving import serving

PAGE = (Path(__file__).parents[2] / "docs/how-to/serve.md").read_text("utf-8")
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    limits = ("--rate-limit", "2/day", "--max-texts", "1", "--proxy", "127.0.0.1")
    with serving(tmp_path_factory.mktemp("server"), *limits) as started:
        yield started


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def nginx(folder, port):
    (site,) = re.findall(r"^```nginx\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    site = re.sub(r".*ssl_certificate.*\n", "", site).replace("443 ssl", f"127.0.0.1:{port}")
    places = "".join(f"{name}_temp_path {folder}/{name};\n" for name in TEMPORARY)
    user = "" if os.geteuid() else "user root;\n"  # who may write into the folder
    whole = (
        f"{user}daemon off;\npid {folder}/pid;\nerror_log {folder}/log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{places}{site}}}\n"
    )
    return ["-e", str(folder / "log"), "-c"], "nginx.conf", whole


def caddy(folder, port):
    (site,) = re.findall(r"^```text\n(emotions\..*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    site = site.replace("emotions.example.com", f"http://127.0.0.1:{port}")
    options = f"{{\n\tadmin off\n\tstorage file_system {folder}\n}}\n"
    return ["run", "--adapter", "caddyfile", "--config"], "Caddyfile", options + site


@contextlib.contextmanager
def proxying(program, server, folder):
    """Run a proxy as the page sets it up; gives its address."""
    port = free_port()
    words, name, content = {"nginx": nginx, "caddy": caddy}[program](folder, port)
    path = folder / name
    path.write_text(content.replace("127.0.0.1:8000", server.url.removeprefix("http://")))
    log = (folder / "output").open("wb")
    with log, subprocess.Popen([program, *words, path], stderr=log) as process:
        try:
            ends = time.monotonic() + 20
            while True:
                with contextlib.suppress(httpx.TransportError):
                    if httpx.get(f"http://127.0.0.1:{port}/health/ready").is_success:
                        break
                assert process.poll() is None, (folder / "output").read_text()
                assert time.monotonic() < ends, (folder / "output").read_text()
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.mark.parametrize("program", ["nginx", "caddy"])
def test_a_proxy_passes_on_requests_names_and_addresses(program, server, tmp_path):
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    with proxying(program, server, tmp_path) as url, httpx.Client(base_url=url) as client:
        found = client.post(
            "/v1/detect", json={"text": "Thanks!"}, headers={"X-Forwarded-For": "192.0.2.9"}
        )
        long = client.post("/v1/detect", json={"text": "a" * 1_000_000})
        counters = client.get("/metrics")

    assert "gratitude" == found.json()["results"][0]["labels"][0]["label"]
    assert 1 == server.event_of(found.headers["X-Request-ID"])["texts"]
    assert "1,000,000 characters" in long.json()["detail"]  # the service's own answer
    assert 404 == counters.status_code


def test_the_service_believes_its_proxy_and_no_other_about_addresses(server):
    statuses = [
        httpx.post(
            f"{server.url}/v1/detect",
            content=json.dumps({"text": "Thanks!"}),
            headers={"X-Forwarded-For": address, "Content-Type": "application/json"},
        ).status_code
        for address in ("192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2")
    ]
    assert [200, 200, 429, 200] == statuses
