"""Times of whatever type, in UTC, and the periods they lie in.

Knows Arrow's types and the calendar, and nothing of what happened when.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from emoconv.errors import ConfigError, DataError

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["NO_TIME", "Every", "to_seconds"]

NO_TIME = np.iinfo(np.int64).min
"""What stands for a time that is missing or cannot be read."""

_DAY = 86_400
_SECONDS = {"min": 60, "h": 3_600, "d": _DAY, "w": 7 * _DAY}
_MONTHS = {"mo": 1, "q": 3, "y": 12}
_UNITS = {
    "min": "minute",
    "h": "hour",
    "d": "day",
    "w": "week",
    "mo": "month",
    "q": "quarter",
    "y": "year",
}
_FIRST_MONDAY = 4 * _DAY
"""1970 began with a Thursday."""

_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_LEAST_MILLISECONDS = 10**11
"""A number from this on counts milliseconds: as seconds it would be in the year 5138, as these it
is in 1973."""

_YEARS = (-62_135_596_800, 253_402_300_799)
"""The first second of the year 1 and the last of the year 9999: what can be written as a date."""

_ISO = (
    r"^\s*(?P<year>\d{4})-?(?P<month>\d\d)-?(?P<day>\d\d)"
    r"(?:[Tt ](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?"
    r" ?(?P<zone>[Zz]|UTC|(?P<sign>[+-])(?P<east>\d\d)(?::?(?P<further>\d\d))?)?)?\s*$"
)
_NUMBER = r"^\s*-?\d{1,17}(\.\d*)?\s*$"


@dataclass(frozen=True)
class Every:
    """The length of a period.

    Hours, days and the like are counted from the start of 1970, weeks from its first Monday, so
    that a period begins where its unit does: ``15min`` at the full hour, ``1q`` with January.

    Args:
        count: How many units.
        unit: ``min``, ``h``, ``d``, ``w``, ``mo``, ``q`` or ``y``.

    Example:
        >>> every = Every.parse("1mo")
        >>> every.name, every.start(every.number(np.array([1_709_251_200])))
        ('month', array(['2024-03-01T00:00:00'], dtype='datetime64[s]'))
    """

    count: int
    unit: Literal["min", "h", "d", "w", "mo", "q", "y"]

    @classmethod
    def parse(cls, text: str) -> Every:
        """Return what a text such as ``1d`` says.

        Raises:
            ConfigError: It says nothing of the kind.
        """
        match = re.fullmatch(rf"([1-9][0-9]{{0,5}})({'|'.join(_UNITS)})", text)
        if match is None:
            raise ConfigError(
                f"{text!r} is no period; expected a number and min, h, d, w, mo, q or y: 1d"
            )
        return cls(int(match[1]), match[2])  # type: ignore[arg-type] # one of the units

    @property
    def name(self) -> str:
        """What one period is called: "week", "15 minutes"."""
        unit = _UNITS[self.unit]
        return unit if self.count == 1 else f"{self.count} {unit}s"

    @property
    def is_whole_days(self) -> bool:
        """Whether a period begins with a day."""
        return self.unit not in ("min", "h")

    def number(self, seconds: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return which period each time is in, int64 (N,), by seconds since 1970."""
        if self.unit in _MONTHS:
            months = seconds.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
            return months // (self.count * _MONTHS[self.unit])
        return (seconds - self._origin) // (self.count * _SECONDS[self.unit])

    def start(self, numbers: NDArray[np.int64]) -> NDArray[np.datetime64]:
        """Return when periods begin, datetime64[s] (P,)."""
        if self.unit in _MONTHS:
            months = numbers * (self.count * _MONTHS[self.unit])
            return months.astype("datetime64[M]").astype("datetime64[s]")
        seconds = numbers * (self.count * _SECONDS[self.unit]) + self._origin
        return seconds.astype("datetime64[s]")

    @property
    def _origin(self) -> int:
        return _FIRST_MONDAY if self.unit == "w" else 0


def to_seconds(column: pa.Array) -> NDArray[np.int64]:
    """Return times as seconds since 1970 in UTC, int64 (N,), `NO_TIME` where there is none.

    A time without a zone is taken to be in UTC, and a fraction of a second is dropped.

    Args:
        column: N timestamps, dates, numbers of seconds since 1970 or, from 10^11 on, of
            milliseconds, or strings: ISO 8601 or such a number.

    Raises:
        DataError: Values of its type are no times.
    """
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it

    kind = column.type
    if pa.types.is_dictionary(kind):
        return to_seconds(column.dictionary_decode())
    if pa.types.is_null(kind):
        return np.full(len(column), NO_TIME)
    if pa.types.is_timestamp(kind):
        found = _whole(column.cast(pa.int64())) // _PER_SECOND[kind.unit]
    elif pa.types.is_date32(kind):
        found = _whole(column.cast(pa.int32())) * _DAY
    elif pa.types.is_date64(kind):
        found = _whole(column.cast(pa.int64())) // 1_000
    elif pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        found = _from_numbers(column)
    elif str(kind) in ("string", "large_string", "string_view"):
        found = _from_strings(column.cast(pa.string()))
    else:
        raise DataError(
            f"holds values of type {kind}; expected timestamps, dates, seconds since 1970 or "
            "strings of ISO 8601"
        )
    outside = (found < _YEARS[0]) | (found > _YEARS[1])
    if column.null_count:
        outside |= column.is_null().to_numpy(zero_copy_only=False)
    return np.where(outside, NO_TIME, found)


def _whole(column: pa.Array) -> NDArray[np.int64]:
    found: NDArray[np.int64] = column.fill_null(0).to_numpy(zero_copy_only=False)
    return found.astype(np.int64)


def _from_numbers(column: pa.Array) -> NDArray[np.int64]:
    """Return seconds from seconds or milliseconds; float64 holds either exactly."""
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it

    numbers = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    numbers = np.where(np.abs(numbers) >= _LEAST_MILLISECONDS, numbers / 1_000, numbers)
    with np.errstate(invalid="ignore"):  # what is no number is put outside
        there = (numbers >= _YEARS[0]) & (numbers <= _YEARS[1])
    return np.where(there, np.floor(np.where(there, numbers, 0)), NO_TIME).astype(np.int64)


def _from_strings(column: pa.Array) -> NDArray[np.int64]:
    """Return seconds from ISO 8601, or from a number where a string is not that."""
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it
    import pyarrow.compute as pc  # noqa: PLC0415 - same

    parts = pc.extract_regex(column, pattern=_ISO)
    matched = parts.is_valid().to_numpy(zero_copy_only=False)
    seconds = _from_parts({field.name: parts.field(field.name) for field in parts.type})
    seconds[~matched] = NO_TIME
    if matched.all():
        return seconds
    is_number = pc.match_substring_regex(column, pattern=_NUMBER).fill_null(False)
    numbers = pc.if_else(is_number, pc.utf8_trim_whitespace(column), pa.scalar(None, pa.string()))
    return np.where(matched, seconds, _from_numbers(numbers.cast(pa.float64())))


def _from_parts(parts: dict[str, pa.Array]) -> NDArray[np.int64]:
    """Return seconds from the parts of ISO 8601 that were found, `NO_TIME` for no day or hour."""
    year, month, day, hour, minute, second, east, further = (
        _digits(parts[name])
        for name in ("year", "month", "day", "hour", "minute", "second", "east", "further")
    )
    months = (12 * (year - 1970) + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    there = (month >= 1) & (month <= 12) & (day >= 1) & (days.astype("datetime64[M]") == months)  # noqa: PLR2004 - the calendar's
    there &= (hour < 24) & (minute < 60) & (second <= 60) & (east < 24) & (further < 60)  # noqa: PLR2004 - the clock's
    before = np.array(parts["sign"].to_numpy(zero_copy_only=False) == "-")
    zone = np.where(before, -1, 1) * (3_600 * east + 60 * further)
    seconds = days.astype(np.int64) * _DAY + 3_600 * hour + 60 * minute + second - zone
    return np.where(there, seconds, NO_TIME)


def _digits(part: pa.Array) -> NDArray[np.int64]:
    """Return numbers from digits, 0 where there are none."""
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it
    import pyarrow.compute as pc  # noqa: PLC0415 - same

    filled = pc.if_else(pc.equal(part, "").fill_null(True), "0", part)
    found: NDArray[np.int64] = filled.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return found.copy()
