"""The page for everybody: no state of it has what axe-core calls a violation, in either theme."""

from __future__ import annotations

import pytest

from emoconv.service import Limits, Settings

Axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe

LONG = "Thank you! I am so sad. Why? That is disgusting, ugh. Haha! I love it. Sorry about that."

PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def axe():
    return Axe()


def violations(axe, page):
    """Return what is wrong, after every animation."""
    page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished))")
    found = axe.run(page).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_no_state_of_a_text_has_violations(visits, service, axe, scheme, size):
    page = visits.open(service.url, color_scheme=scheme, **size)
    assert [] == violations(axe, page)
    page.get_by_text("Ekman", exact=True).click()
    page.fill("#text", LONG)
    page.wait_for_selector("#results[aria-busy=false]")
    page.get_by_role("button", name="Show all").click()
    page.locator("summary").click()
    page.locator("#words .word").nth(1).focus()
    assert [] == violations(axe, page)
    page.locator("#sentence-list button").nth(1).click()
    page.wait_for_selector("#whole:visible")
    page.locator("#sentence-list button").nth(2).hover()
    assert [] == violations(axe, page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_state_of_a_file_has_violations(visits, service, axe, scheme):
    page = visits.open(service.url, color_scheme=scheme, **PHONE)
    page.click("#tab-file")
    assert [] == violations(axe, page)
    content = b'n,text\n1,thank you\n2,"so sad"\n3,haha\n'
    page.set_input_files("#file", {"name": "a.csv", "mimeType": "text/csv", "buffer": content})
    page.wait_for_selector("#ready:not([hidden])")
    assert [] == violations(axe, page)
    page.click("#score")
    page.wait_for_selector("#done:not([hidden])")
    page.locator("#chart button").nth(1).hover()
    assert [] == violations(axe, page)
    page.get_by_text("Table", exact=True).click()
    assert [] == violations(axe, page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_problem_that_is_told_has_violations(visits, serve, axe, scheme):
    visits.allowed.add(401)
    strict = serve(Settings(api_keys=("key",), limits=Limits(characters=10)))
    page = visits.open(strict.url, wait=False, color_scheme=scheme)
    page.wait_for_selector("dialog[open]")
    page.fill("#key", "wrong")
    page.keyboard.press("Enter")
    page.wait_for_selector("#key-refused:visible")
    assert [] == violations(axe, page)
    page.fill("#key", "key")
    page.keyboard.press("Enter")
    page.wait_for_selector("#work:not([hidden])")
    page.fill("#text", LONG)
    page.wait_for_selector("#text-problem:visible")
    assert [] == violations(axe, page)
