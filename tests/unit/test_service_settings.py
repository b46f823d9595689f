import math
from dataclasses import fields

import pytest
import uvicorn

import emoconv.service
from emoconv.errors import ConfigError
from emoconv.service import Limits, Settings

NUMBERS = [one.name for one in fields(Limits) if one.name != "rate"]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [0, -1, math.nan])
def test_a_limit_is_above_zero(name, value):
    with pytest.raises(ConfigError) as caught:
        Limits(**{name: value})
    assert f"the limit {name} is {value}; expected a number above 0" == str(caught.value)


def test_connections_are_kept_as_long_as_uvicorn_keeps_them():
    assert uvicorn.Config("app").timeout_keep_alive == Limits().keep_alive_timeout_s


def test_a_body_fits_into_the_memory_for_bodies():
    assert 100 == Limits(body_bytes=100, held_bytes=100).held_bytes
    with pytest.raises(ConfigError, match="held_bytes is 99, less than one body of 100 bytes"):
        Limits(body_bytes=100, held_bytes=99)


@pytest.mark.parametrize("key", ["", "with space", "tab\t", "clé", "new\nline", "\x7f"])
def test_a_key_can_be_sent_in_a_header(key):
    with pytest.raises(ConfigError) as caught:
        Settings(api_keys=("good", key))
    assert (
        "API key 2 of 2 is empty or has characters that a header cannot hold; expected letters, "
        "digits and ASCII signs"
    ) == str(caught.value)


def test_keys_are_not_shown():
    assert "secret" not in repr(Settings(api_keys=("secret",)))


@pytest.mark.parametrize("origin", ["https://example.com", "http://localhost:3000", "*"])
def test_an_origin_is_scheme_host_and_port(origin):
    assert (origin,) == Settings(cors_origins=(origin,)).cors_origins


@pytest.mark.parametrize("origin", ["", "example.com", "https://example.com/", "//example.com"])
def test_what_is_no_origin_is_refused(origin):
    with pytest.raises(ConfigError) as caught:
        Settings(cors_origins=(origin,))
    assert (
        f"{origin!r} is no origin; expected scheme, host and port, as 'https://example.com', or '*'"
    ) == str(caught.value)


def test_the_package_has_no_more_than_it_says():
    with pytest.raises(AttributeError, match=r"'emoconv\.service' has no attribute 'create'"):
        emoconv.service.create  # noqa: B018 - it is asked for
