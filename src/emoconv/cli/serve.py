"""``emoconv serve``: the web service and its page. Parses, and starts it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from emoconv.cli.progress import is_terminal
from emoconv.cli.reading import confidence_option, model_option
from emoconv.detector import ENGINES, EmotionDetector
from emoconv.errors import ConfigError, DataError
from emoconv.service.settings import Limits, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from emoconv.detector import Engine
    from emoconv.service.logs import LogFormat

__all__ = ["serve"]

_LIMITS = Limits()


def _limit(
    name: str,
    option: str,
    help_text: str,
    *,
    type: click.ParamType[Any],  # noqa: A002 - click's name
) -> Callable[..., Any]:
    """Return the option of a limit, whose default is the limit's own."""
    return click.option(
        option, name, type=type, default=getattr(_LIMITS, name), show_default=True, help=help_text
    )


@click.command()
@model_option
@confidence_option
@click.option(
    "--grouping",
    "groupings",
    multiple=True,
    metavar="NAME|FILE",
    help="A grouping to offer beside the labels: ekman, sentiment, or a JSON file, which is called "
    "by its name without .json. Can be given again; by default ekman and sentiment.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 for any."
)
@click.option("--open", "show", is_flag=True, help="Open the page in the browser.")
@click.option("--page/--no-page", default=True, show_default=True, help="Whether there is a page.")
@click.option(
    "--engine", type=click.Choice(ENGINES), default="auto", show_default=True, help="What computes."
)
@click.option("--threads", type=click.IntRange(min=1), help="Of the compiled engine.")
@click.option(
    "--api-key",
    "keys",
    multiple=True,
    metavar="KEY",
    help="Ask for this key, or one of these. Better given as EMOCONV_SERVE_API_KEY, or in a file, "
    "as other users of the machine can read a command.",
)
@click.option(
    "--api-key-file",
    "key_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A file with a key a line.",
)
@click.option(
    "--cors-origin",
    "origins",
    multiple=True,
    metavar="ORIGIN",
    help="Let pages of this origin ask from a browser, as https://example.com, or *.",
)
@_limit("texts", "--max-texts", "Texts in a request.", type=click.IntRange(min=1))
@_limit("characters", "--max-characters", "Characters in a text.", type=click.IntRange(min=1))
@_limit(
    "sentences",
    "--max-sentences",
    "Sentences in a request by sentence.",
    type=click.IntRange(min=1),
)
@_limit(
    "explained",
    "--max-explained",
    "Characters in a request for explanations, once for each label that it names.",
    type=click.IntRange(min=1),
)
@_limit("body_bytes", "--max-body", "Bytes in a request.", type=click.IntRange(min=1))
@_limit("held_bytes", "--max-held", "Bytes of all requests.", type=click.IntRange(min=1))
@_limit(
    "connections",
    "--max-connections",
    "Connections at one time; one more gets 503 and is closed.",
    type=click.IntRange(min=1),
)
@_limit(
    "concurrency",
    "--max-concurrency",
    "Requests that wait at one time; one more gets 503.",
    type=click.IntRange(min=1),
)
@_limit(
    "header_timeout_s", "--header-timeout", "Seconds to send a head.", type=click.FloatRange(min=0)
)
@_limit("body_timeout_s", "--body-timeout", "Seconds to send a body.", type=click.FloatRange(min=0))
@_limit(
    "keep_alive_timeout_s",
    "--keep-alive-timeout",
    "Seconds that a connection is kept for the next request; above those of a load balancer.",
    type=click.IntRange(min=1),
)
@_limit(
    "answer_timeout_s",
    "--timeout",
    "Seconds to wait for an answer, and for the client to take it.",
    type=click.FloatRange(min=0),
)
@click.option(
    "--rate-limit",
    "rate",
    metavar="N/TIME",
    help="Texts that a client may send in a time, as 1000/minute: all at once, and others evenly "
    "as the time goes; by default any number.",
)
@click.option(
    "--stop-timeout",
    type=click.IntRange(min=0),
    default=30,
    show_default=True,
    help="Seconds to finish what was accepted when the service is stopped.",
)
@click.option(
    "--proxy",
    "proxies",
    metavar="ADDRESSES",
    help="Proxies whose X-Forwarded-For is believed, separated by commas, or *.",
)
@click.option(
    "--log-format",
    type=click.Choice(("json", "text")),
    help="By default text on a terminal and JSON elsewhere.",
)
@click.option(
    "--log-level",
    type=click.Choice(("debug", "info", "warning", "error")),
    default="info",
    show_default=True,
    help="The least that is written to standard error.",
)
def serve(
    *,
    model: Path | None,
    min_confidence: float,
    groupings: tuple[str, ...],
    host: str,
    port: int,
    show: bool,
    page: bool,
    engine: str,
    threads: int | None,
    keys: tuple[str, ...],
    key_file: Path | None,
    origins: tuple[str, ...],
    stop_timeout: int,
    proxies: str | None,
    log_format: str | None,
    log_level: str,
    **limits: Any,  # noqa: ANN401 - each by its name, as its type in `Limits`
) -> None:
    """Serve a page and an API on this machine, http://127.0.0.1:8000/ by default.

    POST /v1/detect takes texts, GET /v1/model tells about the model, /health/live and /health/ready
    are for whoever starts and stops services, /metrics for Prometheus; /openapi.json describes it
    all. The log never holds a text. Ctrl-C or SIGTERM finishes what was accepted and stops.
    """
    from emoconv.service.app import create_app  # noqa: PLC0415 - needs the extra; help does not
    from emoconv.service.logs import log, set_up  # noqa: PLC0415 - same
    from emoconv.service.server import listen, settle, url_of  # noqa: PLC0415 - same
    from emoconv.service.server import serve as run  # noqa: PLC0415 - same

    settings = Settings(
        limits=Limits(**limits),
        groupings=groupings or None,
        api_keys=(*keys, *_keys(key_file)),
        cors_origins=origins,
        page=page,
    )
    detector = EmotionDetector.load(
        model, engine=cast("Engine", engine), threads=threads, min_confidence=min_confidence
    )
    app = create_app(detector, settings, when_ready=settle)
    form = log_format or ("text" if is_terminal(sys.stderr) else "json")
    with listen(host, port) as listening:
        set_up(cast("LogFormat", form), log_level)
        url = url_of(listening)

        def started() -> None:
            log("listening", url=url)
            if show:
                click.launch(url)

        run(
            app,
            listening,
            limits=settings.limits,
            stop_timeout_s=stop_timeout,
            proxies=proxies,
            started=started,
        )


def _keys(path: Path | None) -> list[str]:
    """Return the keys in a file, one a line.

    Raises:
        ConfigError: There are none.
        DataError: It is not UTF-8.
    """
    if path is None:
        return []
    try:
        lines = path.read_text("utf-8").splitlines()
    except UnicodeDecodeError:
        raise DataError("not UTF-8; expected a key a line", path=path) from None
    except FileNotFoundError:
        raise ConfigError(f"no file {path}; expected one with an API key a line") from None
    if keys := [line.strip() for line in lines if line.strip()]:
        return keys
    raise ConfigError(f"{path} has no API key; expected a key a line")
