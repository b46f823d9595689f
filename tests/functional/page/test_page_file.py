"""Files on the page: chosen or dropped, scored in parts, and taken away as CSV."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

from emoconv.cli import main
from emoconv.service import Limits, Settings
from page_files import choose, csv_bytes, download, parsed, rows_of, score

expect = pytest.importorskip("playwright.sync_api").expect

ROWS = [
    ["id", "comment, raw", "score"],
    ["007", 'She said "thank you" 🎉\nand left', "1"],
    ["2", "", "-3"],
    ["3", "I am so sad, and angry", ""],
    ["4", "<script>alert(1)</script> haha that was funny", "1e3"],
    ["5", "  spaces stay  ", "=1+1"],
]


def test_a_file_comes_back_as_the_command_would_write_it(visits, service, tmp_path):
    content = csv_bytes(ROWS)
    page = visits.open(service.url)
    score(page, "some.comments.csv", content)
    found = download(page, probabilities=True)
    assert "some.comments.emotions.csv" == found.suggested_filename

    (tmp_path / "in.csv").write_bytes(content)
    options = ["--text-column", "comment, raw", "--columns", "labels,top,confidence,probabilities"]
    command = ["score", str(tmp_path / "in.csv"), "--output", str(tmp_path / "out.csv"), *options]
    assert 0 == CliRunner().invoke(main, command).exit_code
    expected = parsed((tmp_path / "out.csv").read_bytes())
    place = expected[0].index("confidence")
    for row in expected[1:]:
        row[place] = f"{float(row[place]):.4f}"
    assert expected == parsed(found.path().read_bytes())


def test_without_probabilities_three_columns_are_new(visits, service):
    page = visits.open(service.url)
    score(page, "a.csv", csv_bytes(ROWS))
    rows = rows_of(page)
    assert [*ROWS[0], "labels", "top_label", "confidence"] == rows[0]
    assert ROWS[1:] == [row[:3] for row in rows[1:]]
    request = json.loads(service.asked("/v1/detect")[0].body)
    assert [row[1] for row in ROWS[1:]] == request["texts"]


def test_a_file_can_be_dropped(visits, service):
    page = visits.open(service.url)
    drop = """(content) => {
      const data = new DataTransfer();
      if (content) data.items.add(new File([content], "dropped.txt"));
      else data.setData("text/plain", "a piece of text");
      return ["dragover", "drop"].map((type) => document.body.dispatchEvent(
        new DragEvent(type, {dataTransfer: data, bubbles: true, cancelable: true})));
    }"""
    assert [True, True] == page.evaluate(drop, None)  # a text is the browser's own business
    assert [False, False] == page.evaluate(drop, "thank you\n\nso sad\n")
    page.wait_for_selector("#ready:not([hidden])")
    assert "3 rows, 1 column" == page.inner_text("#file-size")
    page.click("#score")
    page.wait_for_selector("#done:not([hidden])")
    rows = rows_of(page)
    assert ["text", "labels", "top_label", "confidence"] == rows[0]
    assert ["thank you", "", "so sad"] == [row[0] for row in rows[1:]]
    assert ["gratitude", "neutral", "sadness"] == [row[2] for row in rows[1:]]


def test_names_that_are_taken_get_a_prefix(visits, service):
    page = visits.open(service.url)
    score(page, "a.csv", csv_bytes([["text", "labels"], ["so sad", "mine"]]))
    expected = ["text", "labels", "emoconv_labels", "emoconv_top_label", "emoconv_confidence"]
    assert expected == rows_of(page)[0]


def test_groups_of_a_file_are_counted_in_a_chart_and_in_a_table(visits, service):
    texts = ["thank you", "thanks a lot", "so sad", "I hate this"]
    page = visits.open(service.url)
    page.get_by_text("Sentiment", exact=True).click()
    score(page, "a.txt", "\n".join(texts).encode())
    bars = [" ".join(bar.split()) for bar in page.locator("#chart li").all_inner_texts()]
    assert {"positive 2 50%", "negative 2 50%"} == set(bars)
    page.get_by_text("Table", exact=True).click()
    cells = [" ".join(row.split()) for row in page.locator("#counts tr").all_inner_texts()]
    assert ["positive 2 50%", "negative 2 50%"] == cells[:2]
    assert "no emotion 0 0%" == cells[-1]
    assert page.locator("#chart").is_hidden()
    page.get_by_text("Chart", exact=True).click()
    page.locator("#chart button", has_text="negative").click()
    assert ["so sad", "I hate this"] == page.locator("#rows .sentence").all_inner_texts()
    assert ["row 3", "row 4"] == page.locator("#rows .number").all_inner_texts()
    page.get_by_text("Ekman", exact=True).click()  # begin anew
    assert page.locator("#ready").is_visible()


@pytest.fixture(scope="module")
def narrow(serve):
    """A service that takes 8 texts in a request, and no more in a second."""
    return serve(Settings(limits=Limits(texts=8, characters=20, rate="8/second")))


def test_a_file_is_sent_in_parts_and_waits_when_the_server_says(visits, narrow):
    visits.allowed.add(429)
    narrow.seen.clear()
    page = visits.open(narrow.url)
    texts = [f"thank you {number}" for number in range(20)]
    choose(page, "a.txt", "\n".join(texts).encode())
    page.click("#score")
    expect(page.locator("#progress-note")).to_contain_text("The server is busy; going on in")
    page.wait_for_selector("#done:not([hidden])")
    sent = [json.loads(one.body)["texts"] for one in narrow.asked("/v1/detect")]
    assert 8 == max(map(len, sent))
    assert 1 == narrow.most_at_once
    assert texts == [row[0] for row in rows_of(page)[1:]]
    assert {"gratitude"} == {row[1] for row in rows_of(page)[1:]}


def test_texts_over_the_limit_are_named_and_left_empty(visits, narrow):
    visits.allowed.add(429)
    page = visits.open(narrow.url)
    score(page, "a.csv", csv_bytes([["text"], ["so sad"], ["thank you " * 3], ["thanks"]]))
    assert "row 3" in page.inner_text("#too-long")
    assert ["thank you " * 3, "", "", ""] == rows_of(page)[2]
    assert "Emotions in 2 rows" == page.inner_text("#done-title")


def test_scoring_can_be_stopped(visits, service):
    page = visits.open(service.url)
    service.delay_s = 0.6
    choose(page, "a.txt", b"thank you\n" * 2000)
    some = re.compile(r"^[1-9][\d,]* of 2,000 rows")
    page.click("#score")
    expect(page.locator("#progress-note")).to_have_text(some)
    page.get_by_text("Ekman", exact=True).click()  # to want something else stops it, too
    page.wait_for_selector("#ready:not([hidden])")
    assert page.locator("#stopped").is_hidden()
    page.get_by_text("28 emotions", exact=True).click()
    page.click("#score")
    expect(page.locator("#progress-note")).to_have_text(some)
    page.keyboard.press("Enter")  # the focus is on the button that stops
    page.wait_for_selector("#ready:not([hidden])")
    assert "Stopped; nothing was kept." == page.inner_text("#stopped")
    asked = len(service.asked("/v1/detect"))
    page.wait_for_timeout(1000)
    assert asked == len(service.asked("/v1/detect"))
    assert "score" == page.evaluate("document.activeElement.id")


def test_a_proxy_that_takes_less_gets_less(visits, service):
    visits.allowed.add(413)
    page = visits.open(service.url)
    most = 2000

    def proxy(route):
        if len(route.request.post_data_buffer) > most:
            route.fulfill(status=413, body="<h1>413 Request Entity Too Large</h1>")
        else:
            route.continue_()

    page.route("**/v1/detect", proxy)
    score(page, "a.txt", b"thank you so much\n" * 250)
    assert {"gratitude"} == {row[1] for row in rows_of(page)[1:]}
    assert all(len(one.body) <= most for one in service.asked("/v1/detect"))


def test_an_error_in_the_middle_is_said_and_can_be_tried_again(visits, service):
    visits.allowed.add(500)
    page = visits.open(service.url)
    body = json.dumps({"type": "urn:emoconv:problem:internal", "detail": "it broke"})
    page.route("**/v1/detect", lambda route: route.fulfill(status=500, body=body))
    choose(page, "a.txt", b"thank you\n")
    page.click("#score")
    page.wait_for_selector("#file-problem:visible")
    assert "It broke." == page.inner_text("#file-problem")
    page.unroute("**/v1/detect")
    page.click("#score")
    page.wait_for_selector("#done:not([hidden])")


def test_static_files_score_a_file_as_the_server_does(visits, service, site):
    found = []
    for served in (service, site):
        page = visits.open(served.url)
        score(page, "a.csv", csv_bytes(ROWS))
        found.append(rows_of(page, probabilities=True))
    assert found[0] == found[1]


def test_many_rows_leave_the_page_free(visits, site):
    page = visits.open(site.url)
    rows = [["id", "text"], *([str(number), f"thank you {number}"] for number in range(10_000))]
    choose(page, "a.csv", csv_bytes(rows))
    page.evaluate(
        """() => {
          window.notes = new Set();
          const note = document.getElementById("progress-note");
          setInterval(() => window.notes.add(note.textContent), 5);
        }"""
    )
    page.click("#score")
    page.wait_for_selector("#done:not([hidden])", timeout=60_000)
    assert page.evaluate("window.notes.size") > 10  # something else ran between its parts
    assert 10_001 == len(rows_of(page))
    assert page.evaluate("document.querySelectorAll('*').length") < 700
