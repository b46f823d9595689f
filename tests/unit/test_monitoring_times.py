import datetime as dt
import decimal

import numpy as np
import pyarrow as pa
import pytest

from emoconv.errors import ConfigError, DataError
from emoconv.monitoring.times import NO_TIME, Every, to_seconds

NOON = 1_709_208_000  # 2024-02-29T12:00:00Z, a Thursday


def seconds(values, dtype=None):
    found = to_seconds(pa.array(values, dtype))
    assert np.int64 == found.dtype
    return [None if value == NO_TIME else value for value in found.tolist()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-02-29T12:00:00Z", NOON),
        ("2024-02-29 12:00", NOON),
        (" 2024-02-29T12:00:00.999 ", NOON),
        ("2024-02-29T12:00:00,5z", NOON),
        ("2024-02-29 12:00:00 UTC", NOON),
        ("2024-02-29T13:30:00+01:30", NOON),
        ("2024-02-29T11:00:00-01", NOON),
        ("2024-02-29T11:00-0100", NOON),
        ("2024-02-29", NOON - 43_200),
        ("20240229", NOON - 43_200),
        ("1969-12-31T23:59:59Z", -1),
        ("1709208000", NOON),
        (" 1709208000.7 ", NOON),
        ("1709208000123", NOON),
        ("-1", -1),
        *[(text, None) for text in ("2023-02-29", "2024-13-01", "2024-00-01", "2024-01-00")],
        *[(text, None) for text in ("2024-01-01T24:00", "2024-01-01T12:60", "2024-01-01T12:00:61")],
        *[(text, None) for text in ("2024-01-01T12:00+24", "yesterday", "", "12:00", "nan", "inf")],
        *[(text, None) for text in ("0000-01-01", "0001-01-01T00:00+01:00", "9" * 17, None)],
    ],
)
def test_a_string_is_read_as_iso_8601_or_as_seconds_or_not_at_all(text, expected):
    assert [expected, NOON] == seconds([text, "2024-02-29T12:00Z"], pa.string())
    assert [expected] == seconds([text], pa.large_string())


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
def test_timestamps_are_of_utc_whatever_their_zone(unit, zone):
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    values = [NOON * per_second, None, -2 * per_second]
    assert [NOON, None, -2] == seconds(pa.array(values).cast(pa.timestamp(unit, zone)))


def test_a_fraction_is_dropped_before_1970_too():
    assert [-1, 0] == seconds([-1, 999], pa.timestamp("ms"))


@pytest.mark.parametrize("dtype", [pa.date32(), pa.date64()])
def test_a_date_is_its_first_second(dtype):
    assert [NOON - 43_200, None] == seconds([dt.date(2024, 2, 29), None], dtype)


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        ([NOON, None, 0], pa.int64(), [NOON, None, 0]),
        ([NOON], pa.uint32(), [NOON]),
        ([NOON * 1_000 + 999, 2**62, -(2**62)], pa.int64(), [NOON, None, None]),
        ([NOON + 0.5, -0.5, float("nan"), None], pa.float64(), [NOON, -1, None, None]),
        ([float("inf"), -float("inf")], pa.float64(), [None, None]),
        ([decimal.Decimal("1709208000.5")], None, [NOON]),
        ([None, None], None, [None, None]),
        ([], pa.string(), []),
        (["2024-02-29", None], pa.dictionary(pa.int32(), pa.string()), [NOON - 43_200, None]),
    ],
)
def test_numbers_are_seconds_or_milliseconds(values, dtype, expected):
    assert expected == seconds(values, dtype)


def test_what_is_no_time_is_said():
    with pytest.raises(DataError, match="holds values of type bool; expected timestamps, dates, "):
        to_seconds(pa.array([True]))


@pytest.mark.parametrize(
    ("text", "start", "name"),
    [
        ("15min", "2024-02-29T12:00:00", "15 minutes"),
        ("1h", "2024-02-29T12:00:00", "hour"),
        ("1d", "2024-02-29T00:00:00", "day"),
        ("1w", "2024-02-26T00:00:00", "week"),  # a Monday
        ("1mo", "2024-02-01T00:00:00", "month"),
        ("1q", "2024-01-01T00:00:00", "quarter"),
        ("1y", "2024-01-01T00:00:00", "year"),
        ("6mo", "2024-01-01T00:00:00", "6 months"),
    ],
)
def test_a_period_begins_where_its_unit_does(text, start, name):
    every = Every.parse(text)
    number = every.number(np.array([NOON + 600]))
    assert ([start], name) == (every.start(number).astype(str).tolist(), every.name)


@pytest.mark.parametrize("text", ["1min", "7min", "1h", "1d", "2w", "1mo", "1q", "1y", "3y"])
def test_each_time_is_between_the_start_of_its_period_and_that_of_the_next(text):
    every = Every.parse(text)
    times = np.random.default_rng(0).integers(-(10**10), 10**10, 1_000)
    number = every.number(times)
    assert (every.start(number).astype(np.int64) <= times).all()
    assert (times < every.start(number + 1).astype(np.int64)).all()
    np.testing.assert_array_equal(number, every.number(every.start(number).astype(np.int64)))


@pytest.mark.parametrize("text", ["", "d", "0d", "1", "1 d", "-1d", "1.5h", "1m", "1D", "1234567d"])
def test_what_is_no_period_is_said(text):
    with pytest.raises(ConfigError, match="is no period; expected a number and min, h, d, w, mo"):
        Every.parse(text)
