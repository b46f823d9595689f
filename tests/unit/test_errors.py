import copy
import inspect

import pytest

from emoconv import errors
from emoconv.errors import DataError, DataNotFoundError, EmoconvError, HubError, MissingExtraError


def test_every_exception_derives_from_emoconv_error():
    classes = [value for _, value in inspect.getmembers(errors, inspect.isclass)]
    assert [] == [cls for cls in classes if not issubclass(cls, EmoconvError)]


@pytest.mark.parametrize(
    ("name", "also"),
    [
        ("ConfigError", ValueError),
        ("LabelError", ValueError),
        ("DataError", ValueError),
        ("DataNotFoundError", FileNotFoundError),
        ("BundleError", ValueError),
        ("BundleVersionError", errors.BundleError),
        ("DownloadError", OSError),
        ("HubError", OSError),
        ("MissingExtraError", ImportError),
    ],
)
def test_an_exception_is_also_what_callers_may_know(name, also):
    assert issubclass(getattr(errors, name), also)


def test_a_data_error_names_file_and_line():
    assert "a.tsv:3: three fields" == str(DataError("three fields", path="a.tsv", line=3))
    assert "a.tsv: empty" == str(DataNotFoundError("empty", path="a.tsv"))
    assert "empty" == str(DataError("empty", line=3))


def test_a_missing_extra_says_how_to_install_it():
    error = MissingExtraError("training", extra="train")
    assert "training needs packages that are not installed: pip install 'emoconv[train]'" == str(
        error
    )
    assert "train" == error.extra


def test_did_you_mean_stays_silent_when_nothing_is_near():
    assert "" == errors.did_you_mean("zzz", ["joy", "anger"])


def test_a_missing_extra_can_be_told_from_another_process():
    error = MissingExtraError("training", extra="train")
    found = copy.copy(error)
    assert (str(error), "train") == (str(found), found.extra)


def test_an_error_of_the_hub_keeps_its_status_in_another_process():
    found = copy.copy(HubError("cannot push", status=503))
    assert ("cannot push", 503) == (str(found), found.status)
