"""The console in a real browser: what comes in live, what a person does, and what no dispatch can do."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.console.serve import serving_app
from pipeline.messages import DeadLetter, Event
from tests.browser.conftest import keep
from tests.unit.console.conftest import SCRIPT, Console, make_event

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
PAGES = ("/", "/stories", "/alerts", "/charts", "/rules?backtest=100", "/feeds", "/dead-letters", "/audit")


@pytest.fixture
def served(build: Callable[..., Console], sample: list[Event], letter: DeadLetter) -> Any:
    console = build(sample, [letter], open_to_all=True)
    with serving_app(console.app, "127.0.0.1", 0) as url:
        yield console, url.rstrip("/")


def test_live_items_appear_without_a_reload(served: tuple[Console, str], page: Page) -> None:
    console, url = served
    page.goto(url)
    page.locator("#live", has_text="Live.").wait_for()
    page.evaluate("window.notReloaded = true")
    console.write(make_event(10, story="ten", headline="Bridge closed after a flood", severity=3))
    page.locator("#rows li.fresh a", has_text="Bridge closed after a flood").wait_for()
    assert page.evaluate("window.notReloaded")
    assert page.locator("#rows a").first.text_content() == "Bridge closed after a flood"
    keep(page, "live")


@pytest.mark.slow  # beside other tests a browser takes as long as they leave it
def test_an_alert_is_on_the_screen_within_a_second_of_its_commit(served: tuple[Console, str], page: Page) -> None:
    console, url = served
    page.goto(f"{url}/alerts")
    page.locator("#live", has_text="Live.").wait_for()
    console.write(make_event(11, story="eleven", headline="Shelling reported", severity=5))
    started = time.monotonic()
    page.locator("#rows li.fresh a", has_text="Shelling reported").wait_for()
    assert time.monotonic() - started < 1.0


@pytest.mark.parametrize("place", ["wire", "alerts", "story"])
def test_a_kill_marks_the_headline_that_is_on_the_screen_already(
    build: Callable[..., Console], newsroom: list[Event], page: Page, place: str
) -> None:
    console = build(newsroom[:6], [], open_to_all=True)
    killed = newsroom[0]
    assert killed.story
    path = {"wire": "", "alerts": "alerts", "story": f"stories/{killed.story.id}"}[place]
    with serving_app(console.app, "127.0.0.1", 0) as url:
        page.goto(url + path)
        page.locator("#live", has_text="Live.").wait_for()
        shown = page.locator(f"[data-dispatch='{killed.dispatch.id}']")
        assert shown.locator(".flag").count() == 0
        console.write(*newsroom[6:])
        shown.locator(".flag.withdrawn", has_text="withdrawn").wait_for()
        assert "gone" in str(shown.get_attribute("class"))
        if place == "story":
            page.get_by_role("link", name="Show").click()
            page.locator(".flag.notice", has_text="kill").wait_for()
        keep(page, f"killed-{place}")


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/", "#rows mark"),
        ("/stories", "#rows .flag.withdrawn"),
        ("/alerts", "#rows .severity.s5"),
        ("/charts", ".chart svg rect.series0"),
        ("/rules?backtest=100", "h2:text('Backtest')"),
        ("/feeds", "th[scope=row]:text('wires') >> xpath=../td/*[local-name()='svg']"),
        ("/dead-letters", "td a:text('broken.xml')"),
        ("/audit", "td:text('silence')"),
    ],
)
def test_each_page_shows_what_it_is_for_and_no_error(
    served: tuple[Console, str], newsroom: list[Event], page: Page, path: str, shown: str
) -> None:
    console, url = served
    console.write(*newsroom)
    console.client().post("/api/silences", json={"hours": 1, "reason": "an exercise", "rule": "r-1"})
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(url + path)
    page.locator(shown).first.wait_for()
    assert problems == []


def test_a_script_in_a_headline_does_not_run_neither_rendered_nor_live(served: tuple[Console, str], page: Page) -> None:
    console, url = served
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.goto(url)
    page.locator("#live", has_text="Live.").wait_for()
    console.write(make_event(12, story="twelve", headline=f"live {SCRIPT}", text=SCRIPT, severity=5))
    page.locator("#rows li.fresh").wait_for()
    page.locator("#rows a", has_text="live <script>").click()
    page.locator("h1").wait_for()
    assert page.title() != "owned"
    assert page.locator("main img").count() == 0
    assert problems == []


def test_a_story_shows_versions_and_differences(served: tuple[Console, str], page: Page, sample: list[Event]) -> None:
    _, url = served
    assert sample[0].story
    page.goto(f"{url}/stories/{sample[0].story.id}")
    assert page.locator(".timeline > li").count() == 2
    assert page.locator("ins").first.text_content() == " again"
    assert page.locator("del", has_text="agreed on nothing").is_visible()
    keep(page, "story")


def test_an_alert_is_acknowledged(served: tuple[Console, str], page: Page) -> None:
    _, url = served
    page.goto(f"{url}/alerts")
    waiting = page.get_by_role("button", name="Acknowledge")
    before = waiting.count()
    waiting.first.click()
    page.locator(".acknowledged").first.wait_for()
    assert page.get_by_role("button", name="Acknowledge").count() < before
    keep(page, "acknowledged")


def test_a_rule_is_silenced_and_the_silence_ended(served: tuple[Console, str], page: Page) -> None:
    _, url = served
    page.goto(f"{url}/alerts")
    page.get_by_text("Silence a rule").click()
    page.get_by_label("Rule, id or title").fill("r-1")
    page.get_by_label("Why").fill("an exercise")
    page.get_by_role("button", name="Silence").click()
    page.get_by_text("an exercise").wait_for()
    page.get_by_role("button", name="End").click()
    page.get_by_text("None holds.").wait_for()


def test_a_dead_letter_is_replayed(served: tuple[Console, str], page: Page) -> None:
    _, url = served
    page.goto(f"{url}/dead-letters")
    page.get_by_role("link", name="broken.xml").click()
    page.get_by_text("00 3c 62 72").wait_for()
    page.get_by_role("button", name="Replay").click()
    page.locator("#state", has_text="replay requested").wait_for()
    keep(page, "dead-letter")


def test_the_console_is_used_by_keyboard(served: tuple[Console, str], page: Page) -> None:
    _, url = served
    page.goto(url)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.press("Tab")
    page.locator("main").focus()
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == page.locator("#rows a").nth(1).text_content()
    page.keyboard.press("Enter")
    page.locator(".timeline").wait_for()
    page.keyboard.press("a")
    page.locator("h1", has_text="Alerts").wait_for()


def test_signing_in_and_out(build: Callable[..., Console], sample: list[Event], page: Page) -> None:
    console = build(sample, [])
    with serving_app(console.app, "127.0.0.1", 0) as url:
        page.goto(f"{url}alerts")
        page.get_by_label("Token").fill(console.tokens["reader"])
        page.get_by_role("button", name="Sign in").click()
        page.locator("h1", has_text="Alerts").wait_for()
        assert page.evaluate("document.cookie") == ""
        assert page.get_by_role("button", name="Acknowledge").count() == 0
        page.get_by_role("button", name="Sign out").click()
        page.locator("h1", has_text="Sign in").wait_for()


@pytest.mark.parametrize(
    ("scheme", "width"),
    [
        ("light", 1200),
        pytest.param("dark", 1200, marks=pytest.mark.slow),
        pytest.param("light", 390, marks=pytest.mark.slow),
        ("dark", 390),
    ],
)
def test_pages_look_right_in_light_and_dark_and_on_a_phone(
    served: tuple[Console, str], newsroom: list[Event], chromium: Browser, scheme: Any, width: int
) -> None:
    """Nothing is wider than the screen; screenshots are kept to be looked at."""
    console, url = served
    console.write(*newsroom)
    context = chromium.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page = context.new_page()
    assert newsroom[2].story
    for path in (*PAGES, f"/stories/{newsroom[2].story.id}"):
        page.goto(url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        name = "story" if path.startswith("/stories/") else path.strip("/").partition("?")[0] or "wire"
        keep(page, f"{name}-{scheme}-{width}")
    context.close()


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """axe-core's script, from AXE_CORE or by npm; never shipped."""
    given = os.environ.get("AXE_CORE")
    if given:
        return Path(given).read_text(encoding="utf-8")
    if shutil.which("npm") is None:
        pytest.skip("axe-core needs npm, or AXE_CORE with the path of axe.min.js")
    folder = tmp_path_factory.mktemp("axe")
    command = ["npm", "install", "--no-save", "--silent", "--ignore-scripts", "--prefix", str(folder), "axe-core@4"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    if done.returncode or not script.exists():
        pytest.skip(f"axe-core cannot be had from npm: {done.stderr.strip()[-200:]}")
    return script.read_text(encoding="utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(  # noqa: PLR0917 - fixtures
    served: tuple[Console, str],
    chromium: Browser,
    sample: list[Event],
    newsroom: list[Event],
    letter: DeadLetter,
    axe: str,
    scheme: Any,
) -> None:
    console, url = served
    console.write(*newsroom)
    assert sample[0].story
    # The content security policy, which would refuse axe itself, is not what is looked at here.
    context = chromium.new_context(color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    found = []
    for path in (*PAGES, "/login", f"/stories/{sample[0].story.id}", f"/dead-letters/{letter.id}"):
        page.goto(url + path)
        page.evaluate(axe)
        result = page.evaluate("axe.run()")
        assert len(result["passes"]) > 10
        found += [
            (path, each["id"], [node["html"][:120] for node in each["nodes"]])
            for each in result["violations"]
            if each["impact"] in ("serious", "critical")
        ]
    context.close()
    assert found == []
