"""Files for the page, and what comes back."""

from __future__ import annotations

import csv
import io


def csv_bytes(rows, separator=","):
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return file.getvalue().encode()


def parsed(content, *, separator=","):
    lines = io.StringIO(content.decode("utf-8-sig"), newline="")
    return list(csv.reader(lines, delimiter=separator, strict=True))


def choose(page, name, content):
    page.click("#tab-file")
    page.set_input_files("#file", {"name": name, "mimeType": "text/csv", "buffer": content})


def score(page, name, content):
    choose(page, name, content)
    page.click("#score")
    page.wait_for_selector("#done:not([hidden])")


def download(page, *, probabilities=False):
    page.locator("#with-probabilities").set_checked(probabilities)
    with page.expect_download() as started:
        page.click("#download")
    return started.value


def rows_of(page, *, probabilities=False, separator=","):
    content = download(page, probabilities=probabilities).path().read_bytes()
    return parsed(content, separator=separator)
