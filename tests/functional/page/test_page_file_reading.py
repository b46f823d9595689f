"""How the page reads files: separators, the column of texts, and what cannot be read."""

from __future__ import annotations

import pytest

from page_files import choose, csv_bytes, download, rows_of, score

expect = pytest.importorskip("playwright.sync_api").expect


@pytest.mark.parametrize(
    ("name", "content", "separator"),
    [
        ("a.csv", b"\xef\xbb\xbf" + csv_bytes([["n", "text"], ["1", "so; sad"]], ";"), ";"),
        ("a.tsv", b'n\ttext\n1\t"so; sad"\n', ","),
        ("a.csv", b"n\ttext\n1\tso; sad", ","),
    ],
    ids=["semicolons", "tsv", "tabs"],
)
def test_other_separators_are_read(visits, service, name, content, separator):
    page = visits.open(service.url)
    score(page, name, content)
    (header, row) = rows_of(page, separator=separator)
    assert ["n", "text", "labels", "top_label", "confidence"] == header
    text = '"so; sad"' if name == "a.tsv" else "so; sad"
    assert ["1", text] == row[:2]
    assert "sadness" == row[3]
    marked = download(page).path().read_bytes().startswith(b"\xef\xbb\xbf")
    assert content.startswith(b"\xef\xbb\xbf") == marked


def test_the_column_of_texts_is_guessed_and_can_be_another(visits, service):
    rows = [["title", "words", "n"], ["sad", "thank you all so much", "1"], ["sad", "thanks", "2"]]
    page = visits.open(service.url)
    choose(page, "a.csv", csv_bytes(rows))
    expect(page.locator("#column")).to_have_value("0")  # the name says so
    page.select_option("#column", label="words")
    assert ["words", *["thank you all so much", "thanks"]] == page.locator(
        "#preview .chosen"
    ).all_inner_texts()
    page.click("#score")
    page.wait_for_selector("#done:not([hidden])")
    assert {"gratitude"} == {row[4] for row in rows_of(page)[1:]}
    page.get_by_role("button", name="Another column").click()
    page.select_option("#column", label="title")
    page.click("#score")
    page.wait_for_selector("#done:not([hidden])")
    assert {"sadness"} == {row[4] for row in rows_of(page)[1:]}


BROKEN = [
    ("a.csv", b"id,text\n1,a\n2,b,c\n", "Row 3: 3 fields, the header has 2"),
    ("a.csv", b"id,text\n1,a\n\n2\n", "Row 4: 1 field, the header has 2"),
    ("a.csv", b'id,text\n1,a\n2,"b\n3,c\n', "Row 3: a quote that opens in this row is never"),
    ("a.csv", b"id,text\n1,caf\xe9\n", "Line 2 is not UTF-8 (byte 0xe9)"),
    ("a.csv", b"", "The file is empty"),
    ("a.csv", b"\n\n", "The file is empty"),
    ("a.csv", b"id,text\n", "There is no row behind the header"),
    ("a.csv", b"id,text,id\n1,2,3\n", "Row 1: column “id” is there twice"),
    ("a.csv", b"text,,\n1,2,3\n", "Row 1: several columns have no name"),
    ("a.txt", b"", "The file is empty"),
    ("a.xlsx", b"PK\x03\x04....", "The file is packed"),
    ("a.csv", "id,text\n".encode("utf-16"), "The file is UTF-16"),
    ("a.csv", b"id,text\n1,\x00\n", "The file holds zero bytes"),
]


def test_a_file_that_cannot_be_read_gets_one_line(visits, service):
    page = visits.open(service.url)
    for name, content, message in BROKEN:
        choose(page, name, content)
        expect(page.locator("#file-problem")).to_contain_text(f"{name}: {message}")
        assert "\n" not in page.inner_text("#file-problem")
    choose(page, "good.csv", b"text\nthank you\n")
    page.wait_for_selector("#ready:not([hidden])")
    assert page.locator("#file-problem").is_hidden()
