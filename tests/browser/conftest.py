from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.unit.console.conftest import build, letter, newsroom, sample

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["build", "letter", "newsroom", "sample"]


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    """One kind of database is enough here: the API's tests run over both."""
    return f"sqlite:///{tmp_path / 'console.db'}"


ARTEFACTS = Path(__file__).parents[2] / "artefacts" / "browser"
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


# Not for the session: Playwright's event loop would go on running under the tests that come later.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("Chromium is not installed; apt-get install chromium fonts-dejavu-core")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=_FLAGS, headless=True)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1200, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    yield opened
    context.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say where the screenshots are."""
    if ARTEFACTS.exists():
        terminalreporter.write_line(f"screenshots: {ARTEFACTS}")


def keep(page: Page, name: str) -> None:
    """Keep a screenshot as an artefact."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(ARTEFACTS / f"{name}.png"), full_page=True)
