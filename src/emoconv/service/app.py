"""The application: addresses, and who may ask there."""

from __future__ import annotations

import asyncio
import contextlib
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from emoconv.errors import ConfigError, MissingExtraError
from emoconv.service.settings import Settings
from emoconv.version import __version__

try:
    from fastapi import FastAPI, Request, Response
    from fastapi.middleware.cors import CORSMiddleware
    from starlette.exceptions import HTTPException
    from starlette.staticfiles import StaticFiles
except ImportError as error:
    raise MissingExtraError("the service", extra="serve") from error

from emoconv.service.admission import Held, Keys, Places, Rate
from emoconv.service.answering import Answerer
from emoconv.service.entrance import REQUEST_ID, Entrance
from emoconv.service.measures import CONTENT_TYPE_LATEST, Measures
from emoconv.service.openapi import HEALTH, document
from emoconv.service.problems import Problem, of_status
from emoconv.service.reading import read_body

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.types import Scope

    from emoconv.detector import EmotionDetector

__all__ = ["create_app"]

_PAGE_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; worker-src 'self'; img-src 'self' data:; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


def create_app(
    detector: EmotionDetector,
    settings: Settings | None = None,
    *,
    when_ready: Callable[[], None] | None = None,
) -> FastAPI:
    """Return the service of a model, for any ASGI server.

    Args:
        detector: The model, of its own labels; groupings are offered beside them. Its
            ``min_confidence`` is what requests get that do not name one.
        settings: How it is set up; ``None`` for the defaults.
        when_ready: Called once the engine has started, before the first request is answered; see
            `emoconv.service.server.settle`.

    Raises:
        ConfigError: The detector has a grouping, or a setting is not as it should be.
        LabelError: A grouping has a member that the model does not have.
        DataError: A mapping file is not as it should be.

    Example:
        >>> from emoconv import EmotionDetector
        >>> app = create_app(EmotionDetector.load())
        >>> app.title
        'emoconv'
    """
    settings = settings or Settings()
    if detector.grouping is not None:
        raise ConfigError(
            "the detector has a grouping; give one of the model's own labels, and the grouping "
            "with the settings"
        )
    measures = Measures(detector.bundle.labels.names)
    answerer = Answerer(
        detector,
        groupings=settings.groupings,
        limits=settings.limits,
        rate=Rate(settings.limits),
        measures=measures,
        when_ready=when_ready,
    )

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        starting = asyncio.create_task(answerer.start())
        yield
        await starting
        await asyncio.to_thread(answerer.stop)  # what was answered is still to be sent

    app = FastAPI(
        title="emoconv",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.openapi = lambda: document(app, settings, answerer.detectors)  # type: ignore[method-assign] # FastAPI's way
    _add_routes(app, settings, answerer=answerer, measures=measures)
    if settings.page:
        app.mount("/", _Page(directory=Path(str(files("emoconv.page"))) / "static", html=True))
    _add_problems(app, measures)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", REQUEST_ID],
            expose_headers=[REQUEST_ID, "Retry-After"],
        )
    app.add_middleware(Entrance, measures=measures, quiet=HEALTH)
    return app


def _add_routes(
    app: FastAPI, settings: Settings, *, answerer: Answerer, measures: Measures
) -> None:
    """Add what there is to ask, but the page."""
    limits = settings.limits
    places, held, keys = (
        Places(limits.concurrency),
        Held(limits.held_bytes),
        Keys(settings.api_keys),
    )
    measures.waiting.set_function(lambda: places.taken)

    def client(request: Request) -> str:
        address = request.client.host if request.client else ""
        return keys.client(request.headers.get("authorization", ""), address)

    @app.post("/v1/detect")
    async def detect(request: Request) -> Response:
        """Find the emotions in one text or several."""
        who = client(request)
        answerer.check_ready()
        with held.body() as body:
            await read_body(request, body, held=held, limits=limits)
            with places.place():
                try:
                    async with asyncio.timeout(limits.answer_timeout_s):
                        found = await answerer.answer(body, client=who, fields=request.state.fields)
                except TimeoutError:
                    raise Problem(
                        "too-slow",
                        f"no answer in {limits.answer_timeout_s:g} seconds; ask for less at once, "
                        "or later",
                        retry_after_s=1,
                    ) from None
        return _json(found)

    @app.get("/v1/model")
    async def model(request: Request) -> Response:
        """Tell about the model that answers, its labels, groupings and limits."""
        client(request)
        answerer.check_ready()
        return _json(answerer.model)

    @app.get("/health/live")
    async def live() -> Response:
        """Tell that the service lives."""
        return _json(b'{"status": "live"}')

    @app.get("/health/ready")
    async def ready() -> Response:
        """Tell that the service answers, or that its engine is still starting."""
        answerer.check_ready()
        return _json(b'{"status": "ready"}')

    @app.get("/metrics")
    async def metrics(request: Request) -> Response:
        """Give counters, in Prometheus' text format."""
        client(request)
        return Response(measures.exposition(), media_type=CONTENT_TYPE_LATEST)

    @app.get("/page.json", include_in_schema=False)
    async def page() -> Response:
        return _json(b'{"mode": "server"}')


def _add_problems(app: FastAPI, measures: Measures) -> None:
    """Make every fault a problem."""

    async def answer(request: Request, error: Exception) -> Response:
        problem = error
        if isinstance(error, HTTPException):
            problem = of_status(error.status_code, error.headers)
        assert isinstance(problem, Problem)  # noqa: S101 - one of the two that come here
        measures.problem(problem.kind)
        return Response(
            problem.body(request.state.request_id), problem.status, headers=problem.headers
        )

    app.add_exception_handler(Problem, answer)
    app.add_exception_handler(HTTPException, answer)


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


class _Page(StaticFiles):
    """The files of the page, none of which may ask another host for anything."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(_PAGE_HEADERS)
        return response
