"""Who is let in: so many at a time, so many bytes of them, so many texts of each client.

Knows nothing of HTTP but the problems it names.
"""

from __future__ import annotations

import contextlib
import hmac
import math
import re
import time
from typing import TYPE_CHECKING

from emoconv.errors import ConfigError
from emoconv.service.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from emoconv.service.settings import Limits

__all__ = ["Held", "Keys", "Places", "Rate"]

_RETRY_S = 1

_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}

_RATE = re.compile(rf"([1-9]\d{{0,8}})/({'|'.join(_SECONDS)})", re.ASCII)

_ROUNDING_S = 1e-6
"""So little does a client get for nothing: sums of many times are not exact."""


class Places:
    """The requests that may wait for an answer at one time.

    Args:
        count: How many.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self.taken = 0

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """Take a place while the context lasts.

        Raises:
            Problem: There is none.
        """
        if self.taken >= self.count:
            raise Problem(
                "at-capacity",
                f"{self.count} requests are waiting already; ask again a little later, and slower",
                retry_after_s=_RETRY_S,
            )
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1


class Held:
    """The bytes of bodies that may be in memory at one time.

    Args:
        count: How many.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self.taken = 0

    @contextlib.contextmanager
    def body(self) -> Iterator[bytearray]:
        """Give a body to `add` to, which is counted while the context lasts."""
        body = bytearray()
        try:
            yield body
        finally:
            self.taken -= len(body)

    def add(self, body: bytearray, chunk: bytes) -> None:
        """Put more to the end of a body.

        Raises:
            Problem: There is no room for it.
        """
        if self.taken + len(chunk) > self.count:
            raise Problem(
                "at-capacity",
                "the bodies of other requests fill the memory that is set aside for them; ask "
                "again a little later, and slower",
                retry_after_s=_RETRY_S,
            )
        self.taken += len(chunk)
        body += chunk


class Rate:
    """The texts that a client may send in a time.

    It may send all of them at once and gets them back one by one, evenly: of 1000 a minute one in
    60 ms. This is the generic cell rate algorithm (ITU-T I.371), which keeps one number
    of each client, and knows to the moment from when on a request will be let in.

    Args:
        limits: Its ``rate``, and what a request may have.
        clock: Tells the time, in seconds.

    Raises:
        ConfigError: The rate cannot be read, or is less than the texts of one request.
    """

    def __init__(self, limits: Limits, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._text = limits.rate
        self._clock = clock
        if limits.rate is None:
            return
        found = _RATE.fullmatch(limits.rate)
        if found is None:
            raise ConfigError(
                f"{limits.rate!r} is no rate; expected a number of texts and a time, as "
                f"'1000/minute' (times: {', '.join(_SECONDS)})"
            )
        amount, self._span = int(found[1]), _SECONDS[found[2]]
        if amount < limits.texts:
            raise ConfigError(
                f"a rate of {limits.rate} is less than the {limits.texts} texts that a request "
                "may have; give a higher rate, or let a request have fewer texts"
            )
        self._each = self._span / amount
        self._whole: dict[str, float] = {}  # when each client has all its texts again
        self._swept = clock()

    def take(self, client: str, texts: int) -> None:
        """Count the texts of a request.

        Raises:
            Problem: They are more than the client may send now; they are not counted.
        """
        if self._text is None:
            return
        now = self._clock()
        whole = max(now, self._whole.get(client, now)) + texts * self._each
        missing = whole - now - self._span
        if missing > _ROUNDING_S:
            wait = math.ceil(missing)
            raise Problem(
                "rate-limit",
                f"these texts and those before are more than {self._text}; ask again in {wait} s",
                retry_after_s=wait,
            )
        self._whole[client] = whole
        if now > self._swept + self._span:
            self._whole = {one: when for one, when in self._whole.items() if when > now}
            self._swept = now


class Keys:
    """The keys of which a request has to bring one.

    Args:
        keys: They; none lets everybody in.
    """

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._keys = [key.encode("ascii") for key in keys]

    def client(self, authorization: str, address: str) -> str:
        """Return by what a client is known: its key's number or its address.

        All keys are compared, each in a time that does not tell how much of it was right.

        Args:
            authorization: The header of that name; empty if there is none.
            address: Where the request is from.

        Raises:
            Problem: There have to be keys and this is none of them.
        """
        if not self._keys:
            return address
        scheme, _, key = authorization.partition(" ")
        given = key.strip().encode("latin-1")  # as headers are
        same = [hmac.compare_digest(one, given) for one in self._keys]
        if scheme.lower() == "bearer" and any(same):
            return f"key {same.index(True)}"
        found = "is not one of this service's keys" if authorization else "is missing"
        raise Problem(
            "unauthorized",
            f"the API key {found}; send the header 'Authorization: Bearer KEY'",
            headers={"WWW-Authenticate": "Bearer"},
        )
