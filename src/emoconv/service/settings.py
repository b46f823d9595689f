"""What a service allows: checked when it is made, the same for every way to start one."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from emoconv.errors import ConfigError

__all__ = ["Limits", "Settings"]


@dataclass(frozen=True)
class Limits:
    """How much one request and all of them together may ask.

    The defaults keep a machine with two cores and 1 GB within its means: a request of the largest
    size takes some 50 ms of it, and 400 ms where it asks for sentences and explanations as well,
    1 s where it was made to (`benchmarks/results/service.json` has what was measured).

    Attributes:
        texts: Most texts in a request.
        characters: Most characters in a text, in code points.
        sentences: Most sentences in a request that asks for them, of all its texts together.
        explained: Most characters in a request that asks for explanations, of all its texts
            together, counted once for each label that it names.
        body_bytes: Most bytes in a request's body.
        held_bytes: Most bytes of bodies in memory at one time, of all requests together.
        connections: Most connections at one time; one more is told so and closed. Each takes one
            of the files that a process may have open, which often are 1,024.
        concurrency: Most requests that wait for an answer at one time; one more gets status 503.
        header_timeout_s: Seconds in which a client has to send a request's head.
        body_timeout_s: Seconds in which it has to send the body.
        keep_alive_timeout_s: Seconds in which it has to begin the next request on a connection, or
            the connection is closed; the default is uvicorn's.
        answer_timeout_s: Seconds after which a request that has no answer yet gets status 503, and
            in which a client has to take its answer.
        rate: Texts that a client may send in a time, as ``"1000/minute"``; ``None`` for any number.
            A client is an API key, or where there are none, an address. See
            `emoconv.service.admission.Rate`.

    Raises:
        ConfigError: A value is not above 0, or they contradict each other.
    """

    texts: int = 256
    characters: int = 20_000
    sentences: int = 4_096
    explained: int = 100_000
    body_bytes: int = 2**20
    held_bytes: int = 2**26
    connections: int = 1_000
    concurrency: int = 128
    header_timeout_s: float = 10.0
    body_timeout_s: float = 10.0
    keep_alive_timeout_s: int = 5
    answer_timeout_s: float = 30.0
    rate: str | None = None

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name != "rate" and not value > 0:
                raise ConfigError(f"the limit {one.name} is {value}; expected a number above 0")
        if self.held_bytes < self.body_bytes:
            raise ConfigError(
                f"the limit held_bytes is {self.held_bytes}, less than one body of "
                f"{self.body_bytes} bytes; expected at least as much as body_bytes"
            )


@dataclass(frozen=True)
class Settings:
    """How a service is set up.

    Attributes:
        limits: How much may be asked.
        groupings: The groupings that are offered: names, or mapping files, which are called by
            the file's name without its ending. ``None`` for those with a name that the model can
            have.
        api_keys: Keys of which a request has to bring one; empty for none.
        cors_origins: Origins whose pages may ask from a browser, as ``"https://example.com"``,
            or ``"*"``.
        page: Whether there is a page at ``/``.

    Raises:
        ConfigError: A key is empty or not of visible ASCII, or an origin has a path.
    """

    limits: Limits = field(default_factory=Limits)
    groupings: tuple[str, ...] | None = None
    api_keys: tuple[str, ...] = field(default=(), repr=False)
    cors_origins: tuple[str, ...] = ()
    page: bool = True

    def __post_init__(self) -> None:
        for number, key in enumerate(self.api_keys, start=1):
            if not key or not all("!" <= character <= "~" for character in key):
                raise ConfigError(
                    f"API key {number} of {len(self.api_keys)} is empty or has characters that a "
                    "header cannot hold; expected letters, digits and ASCII signs"
                )
        for origin in self.cors_origins:
            if origin != "*" and (origin.count("/") != 2 or "://" not in origin):  # noqa: PLR2004 - of ://
                raise ConfigError(
                    f"{origin!r} is no origin; expected scheme, host and port, as "
                    "'https://example.com', or '*'"
                )
