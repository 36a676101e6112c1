"""The console's application: pages, the REST API behind them, health and metrics."""

from __future__ import annotations

from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from pipeline import __version__
from pipeline.operate.store import open_patiently
from pipeline.settings import Settings
from pipeline.store.database import Store, StoreError


def create_app(settings: Settings, *, open_to_all: bool = False) -> FastAPI:
    """Build the application over the store of the settings, once it answers; raises StoreError where that cannot be used.

    ``open_to_all`` asks nobody for a token; the caller sees to it that only this machine can reach it.
    """
    from pipeline.console import api, forms, pages, streams, writes
    from pipeline.console.answers import Answers
    from pipeline.console.gate import Gate, Gated
    from pipeline.console.rendering import render
    from pipeline.console.rulebook import Rulebook
    from pipeline.console.stream import Hub

    store = open_patiently(settings.store)
    hub = Hub(store)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> Any:
        yield
        hub.close()
        store.close()

    app = FastAPI(title="Wirefeed", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.store, app.state.settings, app.state.hub = store, settings, hub
    app.state.rulebook = Rulebook(settings.rules)
    for module in (streams, writes, api):
        app.include_router(module.router, prefix="/api", tags=["api"])
    app.include_router(pages.router, include_in_schema=False)
    app.include_router(forms.router, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=str(files("pipeline.console") / "static")), name="static")
    _operations(app, store)
    gate = Gate(store, open_to_all=open_to_all)
    app.state.gate = gate
    # Starlette runs what was added last first: Answers stands around the gate, so that refusals carry the headers too.
    app.add_middleware(Gated, gate=gate)
    app.add_middleware(Answers)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        if request.url.path.startswith("/api/") or "text/html" not in request.headers.get("accept", ""):
            return await http_exception_handler(request, error)
        return render(request, "refused.html", status=error.status_code, status_code=error.status_code, detail=error.detail)

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
