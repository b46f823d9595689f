"""The page without a server: as files of a static host, from a disk, and without JavaScript."""

from __future__ import annotations

import html.parser
import re
import shutil

import pytest

from page_hosts import hosted

expect = pytest.importorskip("playwright.sync_api").expect


def test_static_files_answer_as_the_server_does_and_send_nothing(visits, site, service):
    answers = {}
    for served in (service, site):
        page = visits.open(served.url)
        before = len(site.seen)
        page.fill("#text", "You did it!!! 🎉🎉 I am SO proud of you. But I miss home 😢")
        page.wait_for_selector("#results[aria-busy=false]")
        page.get_by_text("Ekman", exact=True).click()
        expect(page.locator("#bars-more")).to_have_text("Show all 7")
        answers[served.url] = page.inner_text("#results")
    assert answers[service.url] == answers[site.url]
    assert before == len(site.seen)
    assert "computed on your machine" in page.inner_text("#privacy")
    assert page.locator("#copy-curl").is_hidden()


def test_loading_a_model_shows_how_much_of_it_is_there(visits, site):
    page = visits.open(
        site.url,
        script="""addEventListener("DOMContentLoaded", () => {
          window.notes = [];
          const note = document.getElementById("loading-note");
          new MutationObserver(() => window.notes.push(note.textContent)).observe(
            note, {childList: true});
        });""",
    )
    notes = page.evaluate("window.notes")
    assert all(re.fullmatch(r"Loading the model: \d+\.\d of 9\.1 MB", note) for note in notes)
    assert "Loading the model: 9.1 of 9.1 MB" == notes[-1]


def test_a_model_that_is_not_whole_is_said_to_be(visits, site_folder, tmp_path):
    shutil.copytree(site_folder, tmp_path / "site")
    next((tmp_path / "site").rglob("weights.safetensors")).unlink()
    visits.allowed.add(404)
    with hosted(tmp_path / "site") as served:
        page = visits.open(served.url, wait=False)
        page.wait_for_selector("#problem:visible")
    assert "Weights.safetensors" in page.inner_text("#problem")


def test_a_page_without_its_page_json_says_what_to_do(visits, site_folder, tmp_path):
    shutil.copytree(site_folder, tmp_path / "site")
    next((tmp_path / "site").rglob("page.json")).unlink()
    visits.allowed.add(404)
    with hosted(tmp_path / "site") as served:
        page = visits.open(served.url, wait=False)
        page.wait_for_selector("#problem:visible")
    assert "emoconv page FOLDER" in page.inner_text("#problem")


def test_a_page_from_a_disk_says_how_to_serve_it(visits, site_folder):
    folder = next(site_folder.rglob("index.html")).parent
    page = visits.open(folder.as_uri() + "/index.html", wait=False)
    page.wait_for_selector("#from-disk:visible")
    assert f"python -m http.server -d '{folder}'" == page.inner_text("#from-disk-command")
    assert page.locator("#loading").is_hidden()
    visits.problems[:] = [one for one in visits.problems if "file://" not in one]


def test_a_page_without_javascript_says_that_it_needs_it(visits, service):
    page = visits.open(service.url, wait=False, java_script_enabled=False)
    assert "This page needs JavaScript" in page.inner_text("noscript")


class _Policy(html.parser.HTMLParser):
    """Finds the policy of a page, and what is written into it that a policy would forbid."""

    def __init__(self):
        super().__init__()
        self.policy = ""
        self.inline = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]
        if tag == "style" or (tag == "script" and "src" not in given):
            self.inline.append(tag)
        self.inline += [name for name in given if name == "style" or name.startswith("on")]


def test_all_modules_are_asked_for_at_once(visits, service, site_folder):
    page = visits.open(service.url)
    named = page.eval_on_selector_all(
        "link[rel=modulepreload], script[type=module]",
        "all => all.map((one) => one.getAttribute('href') ?? one.getAttribute('src'))",
    )
    folder = next(site_folder.rglob("index.html")).parent
    there = [path.relative_to(folder).as_posix() for path in folder.glob("app/*.js")]
    assert sorted(there) == sorted(named)


def test_the_page_carries_the_policy_that_the_service_sends(visits, service, site_folder):
    page = visits.open(service.url)
    sent = page.request.get(service.url).headers["content-security-policy"]
    found = _Policy()
    found.feed(next(site_folder.rglob("index.html")).read_text(encoding="utf-8"))
    assert sent.removesuffix("; frame-ancestors 'none'") == found.policy
    assert [] == found.inline
