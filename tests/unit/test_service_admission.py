import math

import pytest

from emoconv.errors import ConfigError
from emoconv.service.admission import Held, Keys, Places, Rate
from emoconv.service.problems import Problem
from emoconv.service.settings import Limits


class Clock:
    def __init__(self, now=1_000.0):
        self.now = now

    def __call__(self):
        return self.now


def rate_of(text, *, texts=1, clock=None):
    return Rate(Limits(rate=text, texts=texts), clock=clock or Clock())


def refusal(call, *arguments):
    with pytest.raises(Problem) as caught:
        call(*arguments)
    return caught.value


def test_there_are_so_many_places():
    places = Places(2)
    with places.place(), places.place():
        problem = refusal(places.place().__enter__)
        assert (2, "at-capacity", "1") == (
            places.taken,
            problem.kind,
            problem.headers["Retry-After"],
        )
        assert "2 requests are waiting already" in problem.detail
    assert 0 == places.taken


def test_a_place_is_given_back_whatever_happens():
    places = Places(1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), places.place():
            raise ZeroDivisionError
    assert 0 == places.taken


def test_bodies_share_the_memory_that_is_set_aside():
    held = Held(10)
    with held.body() as first, held.body() as second:
        held.add(first, b"123456")
        held.add(second, b"7890")
        problem = refusal(held.add, first, b"1")
        assert ("at-capacity", "1") == (problem.kind, problem.headers["Retry-After"])
        assert (b"123456", b"7890", 10) == (first, second, held.taken)
    assert 0 == held.taken


def test_without_a_rate_there_is_none():
    rate = Rate(Limits())
    for _ in range(1_000):
        rate.take("anybody", 1_000)


def test_a_client_may_send_all_at_once_and_gets_them_back_evenly():
    clock = Clock()
    rate = rate_of("60/minute", texts=60, clock=clock)
    rate.take("ann", 60)
    assert ["1", "30", "60"] == [
        refusal(rate.take, "ann", n).headers["Retry-After"] for n in (1, 30, 60)
    ]
    clock.now += 30
    rate.take("ann", 30)
    assert (
        "rate-limit: these texts and those before are more than 60/minute; ask again in 1 s"
    ) == str(refusal(rate.take, "ann", 1))


def test_what_is_refused_is_not_counted():
    clock = Clock()
    rate = rate_of("10/second", texts=10, clock=clock)
    rate.take("ann", 5)
    for _ in range(9):
        refusal(rate.take, "ann", 6)
    rate.take("ann", 5)


def test_clients_do_not_share_a_rate():
    rate = rate_of("1/day")
    for client in ("ann", "bob", ""):
        rate.take(client, 1)
        assert "86400" == refusal(rate.take, client, 1).headers["Retry-After"]


def test_singles_add_up_to_the_rate_in_spite_of_rounding():
    rate = rate_of("997/hour")
    for _ in range(997):
        rate.take("ann", 1)
    assert math.ceil(3_600 / 997) == int(refusal(rate.take, "ann", 1).headers["Retry-After"])


def test_clients_that_have_all_their_texts_again_are_forgotten():
    clock = Clock()
    rate = rate_of("10/second", clock=clock)
    for number in range(1_000):
        rate.take(f"client {number}", 1)
    clock.now += 1.5
    rate.take("ann", 1)
    assert ["ann"] == list(rate._whole)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "1000",
            "/minute",
            "0/minute",
            "-1/minute",
            "1.5/minute",
            "10/fortnight",
            "10/minutes",
        ),
        *("10 per minute", "10/minute;5/second", " 10/minute", "9999999999/day", "\u0661/minute"),
    ],
)
def test_a_rate_that_cannot_be_read_is_said(text):
    with pytest.raises(ConfigError) as caught:
        rate_of(text)
    assert (
        f"{text!r} is no rate; expected a number of texts and a time, as '1000/minute' "
        "(times: second, minute, hour, day)"
    ) == str(caught.value)


def test_a_request_as_large_as_may_be_is_within_the_rate():
    rate_of("8/minute", texts=8).take("ann", 8)
    with pytest.raises(ConfigError) as caught:
        rate_of("7/minute", texts=8)
    assert (
        "a rate of 7/minute is less than the 8 texts that a request may have; give a higher rate, "
        "or let a request have fewer texts"
    ) == str(caught.value)


def test_without_keys_a_client_is_its_address():
    assert "192.0.2.7" == Keys(()).client("Bearer anything", "192.0.2.7")


@pytest.mark.parametrize(
    ("header", "expected"),
    [("Bearer one", "key 0"), ("bearer two", "key 1"), ("BEARER  two ", "key 1")],
)
def test_with_keys_a_client_is_the_number_of_its_key(header, expected):
    assert expected == Keys(("one", "two")).client(header, "192.0.2.7")


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("", "is missing"),
        ("Bearer", "is not one of this service's keys"),
        ("Bearer ", "is not one of this service's keys"),
        ("Bearer thre", "is not one of this service's keys"),
        ("Bearer onetwo", "is not one of this service's keys"),
        ("Basic one", "is not one of this service's keys"),
        ("one", "is not one of this service's keys"),
        ("Bearer \xe9\xff", "is not one of this service's keys"),
    ],
)
def test_who_has_no_key_is_asked_for_one(header, found):
    problem = refusal(Keys(("one", "two")).client, header, "192.0.2.7")
    assert ("unauthorized", 401, "Bearer") == (
        problem.kind,
        problem.status,
        problem.headers["WWW-Authenticate"],
    )
    assert f"the API key {found}; send the header 'Authorization: Bearer KEY'" == problem.detail


def test_every_key_is_compared_in_a_time_that_tells_nothing(monkeypatch):
    compared = []
    monkeypatch.setattr(
        "emoconv.service.admission.hmac.compare_digest",
        lambda one, other: compared.append((one, other)) or one == other,
    )
    Keys(("one", "two", "three")).client("Bearer one", "")
    assert [(b"one", b"one"), (b"two", b"one"), (b"three", b"one")] == compared
