"""Fetch published files: checksum, cache folder, resume, retries and progress.

pooch keeps the cache: a file that is there whole is not fetched again, one that is damaged is. A
transfer goes to ``<name>.part``; what has arrived stays when it breaks off, and the next attempt
asks the server for the rest (HTTP Range). Only a file of the right SHA-256 gets its name. Because
the checksum is known beforehand, a rest that does not fit what was there is always noticed, and the
transfer starts over; a server that knows no ranges just sends everything again.
"""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from emoconv.data.published import COLLECTIONS
from emoconv.errors import ConfigError, DownloadError, did_you_mean

if TYPE_CHECKING:
    import requests

    from emoconv.data.published import PublishedFile

__all__ = ["CHUNK_BYTES", "TIMEOUT_S", "FetchedFile", "cache_folder", "fetch", "fetch_file"]

TIMEOUT_S = 30
CHUNK_BYTES = 1 << 16  # a transfer that breaks off loses at most so much of what has come
_RANGE_HONOURED = 206
_MAY_PASS = (408, 429)  # request timeout, too many requests: the client errors worth another try


@dataclass(frozen=True)
class FetchedFile:
    """A published file on this machine, its checksum verified.

    Args:
        path: Where it is.
        downloaded: Whether it was transferred now; False if it was already there.
    """

    path: Path
    downloaded: bool


def cache_folder() -> Path:
    """Return the folder for published files: ``$EMOCONV_CACHE``, or the system's cache folder."""
    import pooch  # noqa: PLC0415 - slow, wanted by downloads only

    return Path(os.environ.get("EMOCONV_CACHE") or pooch.os_cache("emoconv"))


def fetch(
    collection: str,
    *,
    to: Path | None = None,
    mirror: str | None = None,
    retries: int = 2,
    progress: bool = False,
) -> list[FetchedFile]:
    """Fetch the files of a collection that are not already there.

    Args:
        collection: One of ``COLLECTIONS``.
        to: The folder for them; None is ``cache_folder()``.
        mirror: The address of a folder that holds the same files, instead of the publisher's.
        retries: How often a transfer that fails for a passing reason is tried again.
        progress: Show a bar on stderr, if that is a terminal.

    Raises:
        ConfigError: The collection is unknown.
        DownloadError: A file could not be fetched or written, or is not the published one.
    """
    if collection not in COLLECTIONS:
        hint = did_you_mean(collection, COLLECTIONS)
        raise ConfigError(f"{collection!r} is not one of {', '.join(COLLECTIONS)}{hint}")
    folder = cache_folder() if to is None else Path(to)
    return [
        fetch_file(file, folder, mirror=mirror, retries=retries, progress=progress)
        for file in COLLECTIONS[collection]
    ]


def fetch_file(
    file: PublishedFile,
    folder: Path,
    *,
    mirror: str | None = None,
    retries: int = 2,
    progress: bool = False,
) -> FetchedFile:
    """Fetch one published file to ``<folder>/<file.folder>/<file.name>``, if it is not there.

    Args:
        file: What to fetch.
        folder: As ``to`` of ``fetch``.
        mirror: As ``fetch``.
        retries: As ``fetch``.
        progress: As ``fetch``.

    Raises:
        DownloadError: No address gave the file whole, or it could not be written.
    """
    import pooch  # noqa: PLC0415 - slow, wanted by downloads only
    import requests  # noqa: PLC0415 - same

    target = folder / file.folder / file.name
    transfer = _Transfer(file, target.with_name(f"{file.name}.part"), progress=progress)
    urls = file.urls if mirror is None else (f"{mirror.rstrip('/')}/{file.name}",)
    pooch.get_logger().setLevel("WARNING")  # the bar and the result say the same
    failures = []
    for url in urls:
        keeper = pooch.create(
            path=target.parent,
            base_url="",
            registry={file.name: f"sha256:{file.sha256}"},
            urls={file.name: url},
            retry_if_failed=retries,
        )
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            keeper.fetch(file.name, downloader=transfer)
        except DownloadError as error:
            failures.append(str(error))
        except requests.RequestException as error:
            failures.append(f"{url}: {_reason(error, url)}{transfer.kept()}")
        except OSError as error:
            raise DownloadError(_disk_reason(error, target)) from None
        else:
            return FetchedFile(path=target, downloaded=transfer.ran)
    raise DownloadError("; ".join(failures))


class _Transfer:
    """A downloader for pooch that resumes, and that knows size and checksum.

    Args:
        file: What is fetched.
        part: Where bytes are kept until the file is whole.
        progress: Show a bar on stderr, if that is a terminal.
    """

    def __init__(self, file: PublishedFile, part: Path, *, progress: bool) -> None:
        self.file = file
        self.part = part
        self.progress = progress
        self.ran = False

    def __call__(self, url: str, output_file: str, _pooch: object) -> None:
        """Fetch the file to ``output_file``.

        Raises:
            DownloadError: The server does not have this file.
            requests.RequestException: The transfer failed; another try may help.
            OSError: Writing failed.
        """
        self.ran = True
        resumed = self.have() > 0
        found = self._complete(url)
        if found != self.file.sha256 and resumed:  # the rest did not fit: once more, from the start
            found = self._complete(url)
        if found != self.file.sha256:
            raise DownloadError(
                f"{url}: wrong checksum, nothing was kept; expected SHA-256 {self.file.sha256}, "
                f"found {found}: the file has changed or was tampered with"
            )
        self.part.replace(output_file)

    def have(self) -> int:
        """Return how many bytes have arrived."""
        return self.part.stat().st_size if self.part.exists() else 0

    def kept(self) -> str:
        """Return what to say of an unfinished transfer."""
        if not (have := self.have()):
            return ""
        return (
            f"; {have:,} of {self.file.size_bytes:,} bytes are kept, run the same command again "
            "to fetch the rest"
        )

    def _complete(self, url: str) -> str:
        """Fetch what is missing and return the SHA-256 of the whole; drop it if that is wrong."""
        import pooch  # noqa: PLC0415 - slow, wanted by downloads only

        if (start := self.have()) < self.file.size_bytes:
            self._transfer(url, start)
        found: str = pooch.file_hash(str(self.part))
        if found != self.file.sha256:
            self.part.unlink()
        return found

    def _transfer(self, url: str, start: int) -> None:
        import requests  # noqa: PLC0415 - slow, wanted by downloads only
        from tqdm import tqdm  # noqa: PLC0415 - same

        size = self.file.size_bytes
        free = shutil.disk_usage(self.part.parent).free
        if free < size - start:
            raise OSError(errno.ENOSPC, f"{size - start:,} bytes are needed, {free:,} are free")
        # A packed answer would make sizes and ranges those of the packing.
        headers = {"Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT_S) as response:
            resumed = response.status_code == _RANGE_HONOURED
            self._check_answer(response, url, start if resumed else 0)
            with (
                self.part.open("ab" if resumed else "wb") as out,
                tqdm(
                    desc=self.file.name,
                    initial=start if resumed else 0,
                    total=size,
                    unit="B",
                    unit_scale=True,
                    disable=None if self.progress else True,
                ) as bar,
            ):
                for chunk in response.iter_content(CHUNK_BYTES):
                    out.write(chunk)
                    bar.update(len(chunk))
        if self.have() < size:
            raise requests.exceptions.ChunkedEncodingError("the answer ended too early")

    def _check_answer(self, response: requests.Response, url: str, start: int) -> None:
        """Raise unless the answer brings the file's remaining bytes."""
        status = response.status_code
        if 400 <= status < 500 and status not in _MAY_PASS:  # noqa: PLR2004 - HTTP client errors
            raise DownloadError(f"{url}: the server answered {status} {response.reason}")
        response.raise_for_status()
        announced = response.headers.get("Content-Length")
        packed = "Content-Encoding" in response.headers  # against our wish: the length says nothing
        if announced is not None and not packed and start + int(announced) != self.file.size_bytes:
            raise DownloadError(
                f"{url}: the server has {start + int(announced):,} bytes, expected "
                f"{self.file.size_bytes:,}: this is not the published file"
            )


def _reason(error: requests.RequestException, url: str) -> str:
    """Say in a few words why a request failed."""
    import requests  # noqa: PLC0415 - slow, wanted by downloads only

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"the server answered {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the transfer broke off"
    if isinstance(error, requests.Timeout):
        return f"no answer within {TIMEOUT_S} s"
    if isinstance(error, requests.ConnectionError):
        return f"no connection to {urlsplit(url).netloc} ({_root(error)})"
    return f"{error}"


def _root(error: BaseException) -> str:
    """Return what the operating system said at the bottom of a chain of exceptions."""
    while error.__context__ is not None:
        error = error.__context__
    return str(getattr(error, "strerror", None) or error)


def _disk_reason(error: OSError, target: Path) -> str:
    """Say why a file could not be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{target}: the disk is full ({error.strerror}); make room and run this again"
    return f"{target}: cannot be written ({error.strerror or error})"
