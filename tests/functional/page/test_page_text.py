"""One text on the page: what is typed, what is found, and why."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import urllib.request

import pytest

expect = pytest.importorskip("playwright.sync_api").expect

THANKS = "I can't believe you came all this way. Thank you so much!"
LETTER = (
    "Thank you so much! I miss my old dog. 🎉🎉 I am SO proud of you! Why would he do that? Ugh."
)


@pytest.fixture
def ask(service):
    """Ask the service what the page asks, without the page."""

    def detect(**request):
        body = json.dumps(request).encode()
        headers = {"Content-Type": "application/json"}
        question = urllib.request.Request(service.url + "v1/detect", body, headers)  # noqa: S310 - ours
        with urllib.request.urlopen(question) as answer:  # noqa: S310 - ours
            return json.load(answer)["results"][0]

    return detect


def shown(page, selector):
    """Return the texts of elements, without what only separates them."""
    return [" ".join(text.split()) for text in page.locator(selector).all_inner_texts()]


def bar(page, name):
    return page.locator("#bars button").filter(has=page.get_by_text(name, exact=True))


def percent(probability):
    if 0 < probability < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= probability < 1 else f"{int(100 * probability + 0.5)}%"


def type_text(page, text):
    page.fill("#text", text)
    page.wait_for_selector("#results[aria-busy=false]")


def test_typing_shows_what_the_api_finds(visits, service, ask):
    page = visits.open(service.url)
    assert page.locator("#results").is_hidden()
    type_text(page, THANKS)
    found = ask(text=THANKS)["labels"]
    expected = [f"{one['label']} {percent(one['probability'])}" for one in found]
    bars = [
        text.replace("given", "").split(",")[0].strip()
        for text in shown(page, "#bars > li:visible")
    ]
    assert expected == bars
    assert [one["label"] for one in found] == shown(page, "#headline .found")
    expect(page.locator("#announcement")).to_have_text(f"Found: {' and '.join(expected)}")


def test_all_labels_are_shown_on_demand_with_their_thresholds(visits, service, detector):
    page = visits.open(service.url)
    type_text(page, THANKS)
    page.get_by_role("button", name="Show all 28").click()
    names = shown(page, "#bars .name")
    assert sorted(detector.labels) == sorted(names)
    marks = page.eval_on_selector_all(
        "#bars li", "all => all.map((bar) => bar.style.getPropertyValue('--threshold'))"
    )
    cuts = dict(zip(detector.labels, detector.thresholds.tolist(), strict=True))
    assert [f"{100 * round(cuts[name], 4):.2f}%" for name in names] == marks
    page.get_by_role("button", name="Show fewer").click()
    assert ["gratitude", "surprise"] == shown(page, "#bars .name")


def test_points_add_up_to_the_logit_that_the_api_gives(visits, service, ask):
    page = visits.open(service.url)
    type_text(page, THANKS)
    bar(page, "surprise").click()
    (explained,) = ask(text=THANKS, labels=["surprise"], explain=True)["explanations"]
    assert "Why surprise?" == page.inner_text("#why-title")
    points = [float(value.replace("\u2212", "-")) for value in shown(page, "#why tbody .figure")]
    total = page.locator("#why tfoot .figure")
    assert float(f"{explained['logit']:.2f}") == float(
        total.nth(0).inner_text().replace("\u2212", "-")
    )
    assert percent(explained["probability"]) == total.nth(1).inner_text()
    assert sum(points) == pytest.approx(explained["logit"], abs=0.01 * len(points))
    assert f"{explained['bias']:+.2f}".replace("-", "\u2212") == shown(page, "#why td.figure")[0]


def test_a_label_that_does_not_hold_is_explained_when_it_is_chosen(visits, service):
    page = visits.open(service.url)
    type_text(page, THANKS)
    page.get_by_role("button", name="Show all").click()
    bar(page, "fear").click()
    expect(page.locator("#why-title")).to_have_text("Why fear?")
    assert "so the label is not given" in page.inner_text("#why")
    assert "true" == bar(page, "fear").get_attribute("aria-pressed")


def test_words_behind_emoji_are_marked_where_they_are(visits, service, ask):
    text = "🎉🎉 thanks a lot 🙏🏽 really"
    page = visits.open(service.url)
    type_text(page, text)
    (explained,) = ask(text=text, explain=True, top=100)["explanations"][:1]
    expected = [text[word["start"] : word["end"]] for word in explained["words"]]
    assert expected == page.locator("#words .word").all_text_contents()
    assert text == page.locator("#words").text_content()


def test_a_word_tells_its_phrases_to_a_mouse(visits, service, ask):
    page = visits.open(service.url)
    type_text(page, THANKS)
    (explained, *_) = ask(text=THANKS, explain=True, top=100)["explanations"]
    page.locator("#words .word", has_text="Thank").hover()
    assert "“Thank”" not in page.inner_text("#why p")  # the strongest phrase is a longer one
    assert "Thank gives +" in page.inner_text("#word-details")
    start = THANKS.index("Thank")
    expected = [
        f"{phrase['text']} {phrase['share']:+.2f}".replace("-", "\u2212")
        for phrase in explained["phrases"]
        if phrase["start"] < start + len("Thank") and phrase["end"] > start
    ]
    assert expected[:6] == shown(page, "#word-details li:not(.quiet)")
    page.locator("#word-details li").first.hover()
    assert [".", "Thank"] == page.locator("#words .marked").all_text_contents()
    page.mouse.move(0, 0)
    assert "arrow keys" in page.inner_text("#word-details")


def test_words_can_be_walked_through_by_keyboard(visits, service):
    page = visits.open(service.url)
    type_text(page, THANKS)
    page.locator("#words .word").first.focus()
    for key, word in {"ArrowRight": "ca", "End": "!", "ArrowLeft": "much", "Home": "I"}.items():
        page.keyboard.press(key)
        assert word == page.evaluate("document.activeElement.textContent")
        assert f"{word} gives" in page.inner_text("#word-details")
    assert 1 == page.locator("#words [tabindex='0']").count()
    page.keyboard.press("Escape")
    assert "arrow keys" in page.inner_text("#word-details")
    assert page.locator(".word.for").first.get_attribute("aria-label").endswith("for gratitude")


@pytest.mark.parametrize("grouping", ["Ekman", "Sentiment"])
def test_groups_stand_where_labels_stood(visits, service, ask, grouping):
    text = "You did it!!! I am SO proud of you"
    page = visits.open(service.url)
    type_text(page, text)
    page.get_by_text(grouping, exact=True).click()
    found = ask(text=text, grouping=grouping.lower())["labels"]
    expect(page.locator("#headline .found")).to_have_text([one["label"] for one in found])
    assert "Why pride?" == page.inner_text("#why-title")
    page.get_by_role("button", name="admiration").click()
    expect(page.locator("#why-title")).to_have_text("Why admiration?")
    assert "any of 12 labels" in page.inner_text("#members")


def test_each_sentence_has_its_emotions_and_can_be_looked_at_alone(visits, service, ask):
    page = visits.open(service.url)
    type_text(page, LETTER)
    answer = ask(text=LETTER, by="sentence")
    expected = [
        " ".join(
            [one["text"], *(f"{x['label']} {percent(x['probability'])}" for x in one["labels"])]
        )
        for one in answer["sentences"]
    ]
    assert expected == shown(page, "#sentence-list li")
    assert [
        f"{one['label']} {one['sentences']} of {len(expected)}" for one in answer["summary"][:6]
    ] == shown(page, "#strip li")
    page.locator("#sentence-list button").nth(1).click()
    page.wait_for_selector("#whole:visible")
    assert f"Sentence 2 of {len(expected)}" == page.inner_text("#scope-title")
    assert "I miss my old dog. 🎉🎉" == page.locator("#words").text_content()
    assert [x["label"] for x in answer["sentences"][1]["labels"]] == shown(page, "#headline .found")
    page.get_by_role("button", name="Back to the whole text").click()
    assert LETTER == page.locator("#words").text_content()
    assert expected[1] == " ".join(page.evaluate("document.activeElement.innerText").split())


def test_the_strip_leads_to_its_sentence(visits, service):
    page = visits.open(service.url)
    type_text(page, LETTER)
    box = page.locator("#strip svg").first.bounding_box()
    page.mouse.click(box["x"] + box["width"] - 3, box["y"] + 5)
    page.wait_for_selector("#whole:visible")
    assert "Ugh." == page.locator("#words").text_content()


def test_many_sentences_are_listed_a_few_at_a_time(visits, service):
    page = visits.open(service.url)
    type_text(page, "Thank you! " * 300)
    assert 50 == page.locator("#sentence-list li").count()
    page.get_by_role("button", name="Show 50 more of 250").click()
    assert 100 == page.locator("#sentence-list li").count()
    assert page.locator("#strip rect").count() <= 240


def test_only_the_last_answer_counts_and_one_is_asked_for_at_a_time(visits, service):
    page = visits.open(service.url)
    service.delay_s = 0.15
    page.focus("#text")
    for text in ("Thank you", "I am so sad", "That is disgusting", "haha that was funny"):
        page.fill("#text", text)
        page.wait_for_timeout(260)
    page.wait_for_selector("#headline .found:text('amusement')")
    assert 1 == service.most_at_once
    assert ["amusement"] == shown(page, "#headline .found")
    texts = [json.loads(one.body)["text"] for one in service.asked("/v1/detect")]
    assert "haha that was funny" == texts[-1]
    assert len(set(texts)) == len(texts)


def test_an_answer_to_what_is_no_longer_there_is_not_shown(visits, service):
    page = visits.open(service.url)
    service.delay_s = 0.3
    page.fill("#text", "Thank you")
    with page.expect_response("**/v1/detect"):
        page.wait_for_timeout(300)
        page.fill("#text", "")
    page.wait_for_timeout(50)
    assert page.locator("#results").is_hidden()


@pytest.mark.parametrize("text", ["", "   \n\t "])
def test_nothing_is_asked_about_nothing(visits, service, text):
    page = visits.open(service.url)
    page.fill("#text", text)
    page.wait_for_timeout(350)
    assert [] == service.asked("/v1/detect")


def test_script_in_a_text_is_shown_as_text(visits, service):
    text = '<script>window.bad = 1</script><img src=x onerror="window.bad = 1"> thanks. <b>a</b>'
    page = visits.open(service.url)
    type_text(page, text)
    assert text == page.locator("#words").text_content()
    assert page.evaluate("window.bad === undefined")
    assert 0 == page.locator("#results script, #results img").count()


def test_every_example_has_an_answer_and_they_show_a_range(visits, service):
    page = visits.open(service.url)
    found = {}
    for button in page.locator("#examples button").all():
        button.click()
        page.wait_for_selector("#results[aria-busy=false]")
        tags = "#sentence-list .tag" if page.locator("#strip").is_visible() else "#headline .found"
        found[button.inner_text()] = [re.sub(r" [<>\d].*", "", tag) for tag in shown(page, tags)]
    assert 6 == len(found)
    assert ["neutral"] == found["Just facts"]
    assert ["amusement", "sadness"] == found["Laughing and crying"]
    assert "disapproval" == found["A “not”"][0]
    assert len({name for names in found.values() for name in names}) > 15


def test_json_is_copied_as_the_api_gave_it(visits, service, ask):
    page = visits.open(service.url)
    type_text(page, THANKS)
    page.get_by_role("button", name="Copy JSON").click()
    expect(page.locator("#copy-json")).to_have_text("Copied")
    copied = json.loads(page.evaluate("navigator.clipboard.readText()"))["results"][0]
    expected = ask(text=THANKS, probabilities=True, explain=True, top=100, by="sentence")
    assert expected == copied


def test_the_command_for_curl_asks_the_same(visits, service, tmp_path):
    if shutil.which("curl") is None:
        pytest.skip("there is no curl on PATH")
    text = "It's \"odd\": $HOME `id` \\n 'quoted' 🎉 thanks!\nTwo lines."
    page = visits.open(service.url)
    type_text(page, text)
    page.get_by_role("button", name="Copy as curl").click()
    expect(page.locator("#copy-curl")).to_have_text("Copied")
    command = page.evaluate("navigator.clipboard.readText()")
    page.get_by_role("button", name="Copy JSON").click()
    expect(page.locator("#copy-json")).to_have_text("Copied")
    run = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=True, cwd=tmp_path)
    assert json.loads(page.evaluate("navigator.clipboard.readText()")) == json.loads(run.stdout)
    assert text == json.loads(service.asked("/v1/detect")[-1].body)["text"]
