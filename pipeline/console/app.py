"""The console's application: pages, the REST API behind them, health and metrics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles

from pipeline import __version__
from pipeline.settings import Settings
from pipeline.store.database import Store, StoreError

# Nothing is loaded from elsewhere and no script stands in a page, so that no dispatch can run one.
_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def create_app(settings: Settings) -> FastAPI:
    """Build the application over the store of the settings; raises StoreError where that cannot be opened."""
    from pipeline.console import api, pages

    store = Store.open(settings.store)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> Any:
        yield
        store.close()

    app = FastAPI(title="Wirefeed", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.store = store
    app.include_router(api.router, prefix="/api", tags=["api"])
    app.include_router(pages.router, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=str(files("pipeline.console") / "static")), name="static")
    _operations(app, store)

    @app.middleware("http")
    async def secure(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await proceed(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    @app.exception_handler(StoreError)
    def store_failed(_request: Request, error: StoreError) -> JSONResponse:
        bad_search = str(error).startswith("search")
        return JSONResponse({"detail": str(error)}, status_code=422 if bad_search else 503)

    return app


def _operations(app: FastAPI, store: Store) -> None:
    @app.get("/healthz", tags=["operations"], response_class=PlainTextResponse)
    def healthz() -> str:
        """Whether the process is alive."""
        return "ok\n"

    @app.get("/readyz", tags=["operations"], responses={503: {"description": "The store does not answer."}})
    def readyz() -> dict[str, str]:
        """Whether the store answers."""
        with store.reading() as connection:
            connection.exec_driver_sql("SELECT 1")
        return {"status": "ready"}

    @app.get("/metrics", tags=["operations"], response_class=PlainTextResponse)
    def metrics() -> Response:
        """Metrics in Prometheus's text format."""
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
