"""What is around the answers: links, keys, servers that are busy or gone, themes, keyboards."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from emoconv.service import Limits, Settings

expect = pytest.importorskip("playwright.sync_api").expect

ODD = "It's #1 & 100% + “odd” = 🎉\nthank you\ttabs"


def test_a_link_keeps_the_text_in_its_fragment_and_no_server_sees_it(visits, service):
    page = visits.open(service.url)
    page.get_by_text("Ekman", exact=True).click()
    page.fill("#text", ODD)
    page.wait_for_selector("#results[aria-busy=false]")
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#share")).to_have_text("Copied")
    link = page.evaluate("navigator.clipboard.readText()")
    assert page.url == link
    encoded = quote(ODD, safe="!'()*-._~")  # as encodeURIComponent does
    assert f"{service.url}#text={encoded}&grouping=ekman" == link

    service.seen.clear()
    other = visits.open(link)
    other.wait_for_selector("#results[aria-busy=false]")
    assert ODD == other.input_value("#text")
    assert other.get_by_label("Ekman").is_checked()
    assert "ekman" == json.loads(service.asked("/v1/detect")[0].body)["grouping"]
    for one in service.seen:
        assert "" == one.query
        assert "referer" not in one.headers
        assert "text=" not in one.path + json.dumps(one.headers)


def test_a_link_is_read_again_when_the_address_changes_and_forgotten_when_the_text_does(
    visits, service
):
    page = visits.open(service.url)
    page.evaluate("location.hash = '#text=thank%20you&grouping=nonsense'")
    expect(page.locator("#headline")).to_have_text("gratitude")
    assert page.get_by_label("28 emotions").is_checked()
    page.fill("#text", "thank you all")
    expect(page).to_have_url(service.url)


def test_a_link_that_was_cut_off_is_no_text(visits, service):
    page = visits.open(service.url + "#text=caf%C3")
    assert "" == page.input_value("#text")


@pytest.fixture(scope="module")
def locked(serve):
    return serve(Settings(api_keys=("open-sesame",)))


def test_a_server_with_keys_is_asked_with_one(visits, locked):
    visits.allowed.add(401)
    page = visits.open(locked.url, wait=False)
    page.wait_for_selector("dialog[open]")
    page.fill("#key", "wrong")
    page.keyboard.press("Enter")
    page.wait_for_selector("#key-refused:visible")
    page.fill("#key", "ünmöglich")
    page.keyboard.press("Enter")
    assert page.locator("#key-refused").is_visible()
    page.fill("#key", "open-sesame")
    page.get_by_role("button", name="Go on").click()
    page.wait_for_selector("#work:not([hidden])")
    page.fill("#text", "thank you")
    expect(page.locator("#headline")).to_have_text("gratitude")
    assert "Bearer open-sesame" == locked.asked("/v1/detect")[-1].headers["authorization"]

    page.get_by_role("button", name="Copy as curl").click()
    expect(page.locator("#copy-curl")).to_have_text("Copied")
    command = page.evaluate("navigator.clipboard.readText()")
    assert '"Authorization: Bearer $EMOCONV_API_KEY"' in command
    assert "open-sesame" not in command

    page.reload()
    page.wait_for_selector("#work:not([hidden])")
    assert not page.locator("dialog").is_visible()
    assert "open-sesame" not in page.evaluate("JSON.stringify(localStorage) + document.cookie")


def test_who_has_no_key_is_told_and_can_give_one_later(visits, locked):
    visits.allowed.add(401)
    page = visits.open(locked.url, wait=False)
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("#problem:visible")
    assert "The API key is missing" in page.inner_text("#problem")
    page.get_by_role("button", name="Try again").click()
    page.fill("#key", "open-sesame")
    page.keyboard.press("Enter")
    page.wait_for_selector("#work:not([hidden])")


def test_a_busy_server_is_asked_again_when_it_says(visits, serve):
    visits.allowed.add(429)
    busy = serve(Settings(limits=Limits(texts=1, rate="1/second")))
    page = visits.open(busy.url)
    page.fill("#text", "thank you")
    expect(page.locator("#headline")).to_have_text("gratitude")
    page.fill("#text", "that was funny")
    expect(page.locator("#text-wait")).to_contain_text("The server is busy; asking again in")
    expect(page.locator("#headline")).to_have_text("amusement")
    assert page.locator("#text-wait").is_hidden()


def test_a_server_that_is_gone_is_said_to_be_and_asked_again(visits, running):
    with running() as served:
        page = visits.open(served.url)
    page.context.route("**/v1/detect", lambda route: route.abort("connectionrefused"))
    page.fill("#text", "thank you")
    page.wait_for_selector("#text-problem:visible")
    assert "The server does not answer" in page.inner_text("#text-problem")
    (failed,) = visits.problems
    assert "ERR_CONNECTION_REFUSED" in failed
    visits.problems.clear()


def test_a_text_over_the_limit_is_not_sent(visits, serve):
    short = serve(Settings(limits=Limits(characters=10)))
    page = visits.open(short.url)
    page.fill("#text", "🎉" * 10)
    page.wait_for_selector("#results[aria-busy=false]")
    page.fill("#text", "🎉" * 11)
    expected = "The text has 11 characters; this server takes 10."
    expect(page.locator("#text-problem")).to_have_text(expected)
    page.wait_for_timeout(300)
    assert 1 == len(short.asked("/v1/detect"))


def test_a_server_that_wants_confidence_says_that_it_is_not_sure(visits, serve):
    careful = serve(min_confidence=0.9)
    page = visits.open(careful.url)
    page.fill("#text", "This is fine, I guess")
    expect(page.locator("#headline")).to_contain_text("Not sure: the highest is")
    assert "nothing is said below 90%" in page.inner_text("#headline")
    assert 3 == page.locator("#bars li").count()


def test_it_is_said_that_nothing_reaches_its_threshold(visits, service, detector, tiny):
    lines = (tiny / "train.tsv").read_text(encoding="utf-8").splitlines()
    texts = (line.split("\t")[0] for line in lines)
    text = next(text for text in texts if not detector.detect(text))
    page = visits.open(service.url)
    page.fill("#text", text)
    page.wait_for_selector("#results[aria-busy=false]")
    assert "Nothing reaches its threshold. Nearest come:" == page.inner_text("#headline")


def test_the_theme_is_kept_and_set_before_anything_is_drawn(visits, service):
    page = visits.open(service.url, color_scheme="light")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    page.get_by_text("Dark", exact=True).click()
    dark = page.evaluate(paper)
    assert light != dark
    page.reload()
    page.wait_for_selector("#work:not([hidden])")
    assert dark == page.evaluate(paper)
    assert page.get_by_label("Dark").is_checked()
    page.get_by_text("Auto", exact=True).click()
    assert light == page.evaluate(paper)
    page.emulate_media(color_scheme="dark")
    assert dark == page.evaluate(paper)
    page.get_by_text("Light", exact=True).click()
    assert light == page.evaluate(paper)


def test_everything_can_be_reached_by_keyboard(visits, service):
    page = visits.open(service.url + "#text=Thank%20you!%20I%20am%20so%20sad.")
    page.wait_for_selector("#results[aria-busy=false]")
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        name = page.evaluate(
            "(({id, className, name, tagName}) => id || className || name || tagName)"
            "(document.activeElement)"
        )
        if name == "BODY":
            break
        reached.append(name)
    places = [reached.index(one) for one in ("skip", "tab-text", "text", "clear", "share")]
    assert sorted(places) == places
    assert {"theme", "grouping", "chip", "bars-more", "SUMMARY"} <= set(reached)
    assert any(one.startswith("word") for one in reached)
    page.focus("#tab-text")
    page.keyboard.press("ArrowRight")
    assert page.locator("#panel-file").is_visible()
    assert "true" == page.locator("#tab-file").get_attribute("aria-selected")


def test_nothing_is_wider_than_a_small_phone(visits, service):
    page = visits.open(service.url, width=320, height=640)  # a page of 1280 at 400 %
    page.fill("#text", "Thank you! " * 6 + "a" * 80)
    page.wait_for_selector("#results[aria-busy=false]")
    page.get_by_role("button", name="Show all").click()
    assert 320 == page.evaluate("document.documentElement.scrollWidth")
