import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from emoconv.bundle import shipped_bundle
from emoconv.cli import main

BUNDLE = Path(__file__).parents[1] / "data/bundle_v2"


def page(*arguments, **environment):
    return CliRunner().invoke(main, ["page", *map(str, arguments)], env=environment)


def test_a_page_of_a_model_is_written_and_its_size_told(tmp_path):
    output = tmp_path / "page"
    result = page(output, "--model", BUNDLE)
    files = [path for path in output.rglob("*") if path.is_file()]
    total = sum(path.stat().st_size for path in files) / 1e6
    model = sum(path.stat().st_size for path in (output / "model").iterdir()) / 1e6
    assert (0, "") == (result.exit_code, result.stderr)
    assert result.stdout == (
        f"{output}: {len(files)} files, {total:.1f} MB, of them {model:.1f} MB of the model; to "
        f"look at it: python -m http.server -d {output}\n"
    )


@pytest.mark.skipif(
    not (shipped_bundle() / "config.json").exists(), reason="the shipped bundle is not trained yet"
)
def test_the_model_of_the_package_is_the_default(tmp_path):
    assert 0 == page(tmp_path / "page").exit_code
    head = json.loads((tmp_path / "page/page.json").read_text())
    size = (shipped_bundle() / "weights.safetensors").stat().st_size
    assert size == head["files"]["weights.safetensors"]


def test_a_page_that_is_there_is_replaced_if_asked_for(tmp_path):
    output = tmp_path / "page"
    codes = [
        page(output, "--model", BUNDLE, *more).exit_code for more in ((), (), ("--overwrite",))
    ]
    assert [0, 2, 0] == codes


def test_an_error_is_one_line(tmp_path):
    result = page(tmp_path / "page", "--model", tmp_path / "none")
    assert 1 == result.exit_code
    assert 1 == len(result.stderr.splitlines())
    assert "none: no such folder; expected a bundle" in result.stderr


def test_options_may_come_from_the_environment(tmp_path):
    output = tmp_path / "page"
    environment = {"EMOCONV_PAGE_MODEL": str(BUNDLE), "EMOCONV_PAGE_OVERWRITE": "1"}
    assert [0, 0] == [page(output, **environment).exit_code for _ in range(2)]
