"""The designer in a real browser: how long a large scenario takes to open, and an edit to be checked.

    perezvon bench designer [--nodes N] [--rounds N] --json

The whole way: the page from the web process, its script, the drawing in Chromium, the check on the server. A scenario
of N nodes is opened in a new page each round; the first round fills the browser's cache and is told by itself.
Goal: usable within a second at 500 nodes. Usable is the first picture painted after the steps in sight stand in it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from playwright.sync_api import BrowserContext, Page, sync_playwright

from bench.ground import own_database, percentiles, sign_in, system
from bench.script import drawn
from perezvon.cores.scripting.codec import write_scenario
from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.people.models import Role, User
from perezvon.modules.scripting import services
from perezvon.modules.scripting.models import Scenario
from perezvon.modules.scripting.services.defining import Drawing, Offering

CHROMIUM = Path("/usr/bin/chromium")
SCREEN = {"width": 1366, "height": 768}
GOAL_MS = 1_000
PATIENCE_MS = 60_000
NODE = "cc-designer[data-ready] .svelte-flow__node"
# Two frames after the first step is there: one in which it is laid out, one that shows it is painted.
WATCH = """
window.benchUsable = new Promise((usable) => {
  const look = () => document.querySelector("STEP")
    ? requestAnimationFrame(() => requestAnimationFrame(() => usable(performance.now())))
    : requestAnimationFrame(look);
  look();
});
""".replace("STEP", NODE)


def main(arguments: list[str]) -> dict[str, object]:
    """Milliseconds from the navigation, and from a key pressed to the answer of the check."""
    parser = argparse.ArgumentParser(prog="perezvon bench designer", description=__doc__.partition("\n")[0])
    parser.add_argument("--nodes", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args(arguments)
    with own_database("designer") as url:
        scenario, cookie = _drawing(options.nodes), _author()
        with system(url, ["web"]) as running, _browser(running.port, cookie) as context:
            address = f"http://127.0.0.1:{running.port}/admin/scenarios/{scenario}/"
            first, *opened = [_open(context, address) for _round in range(options.rounds + 1)]
            edits = _edits(context, address, options.rounds)
    usable = percentiles([one["usable_ms"] for one in opened])
    return {
        "nodes": options.nodes,
        "usable": usable,
        "of_it_page": percentiles([one["page_ms"] for one in opened]),
        "usable_first_time_ms": first["usable_ms"],
        "edit_to_checked": percentiles(edits),
        "of_it_pause_before_sending_ms": 700,
        "goal_usable_ms": GOAL_MS,
        "is_met": usable["p95_ms"] <= GOAL_MS,
    }


def _drawing(nodes: int) -> UUID:
    """Drawn anew: what another size or an edit has left does not count."""
    Scenario.objects.filter(code="bench-long").delete()
    document = {**write_scenario(drawn(nodes)), "key": "bench-long"}
    return services.create_scenario(
        code="bench-long", offering=Offering({"en": "Long"}), drawing=Drawing(document),
        by=System(name="bench"), now=clock.now(),
    ).pk  # fmt: skip


def _author() -> str:
    values = {"first_name": "Bench", "last_name": "Author", "language": "en"}
    role = Role.objects.get(code="information_administrator")
    user, _made = User.objects.get_or_create(login="bench-author", defaults={**values, "role": role})
    return sign_in([user])[0]


@contextmanager
def _browser(port: int, cookie: str) -> Iterator[BrowserContext]:
    name, _sign, value = cookie.partition("=")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport=SCREEN, locale="en", reduced_motion="reduce")  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(WATCH)
        context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{port}/"}])
        yield context
        browser.close()


def _open(context: BrowserContext, address: str) -> dict[str, float]:
    page = context.new_page()
    page.goto(address)
    found: dict[str, float] = page.evaluate(
        """async () => {
          const usable_ms = Math.round(await window.benchUsable);
          const [way] = performance.getEntriesByType("navigation");
          return { usable_ms, page_ms: Math.round(way.responseEnd) };
        }"""
    )
    page.close()
    return found


def _edits(context: BrowserContext, address: str, rounds: int) -> list[float]:
    """A letter more in the title of a step, each time until the server has checked and kept it."""
    page: Page = context.new_page()
    page.goto(address)
    page.locator(NODE).first.click()
    title: Any = page.locator("#designer-step-title-en")
    times = []
    for _round in range(rounds):
        with page.expect_response(lambda response: response.url.endswith("/draft/")):
            began = time.perf_counter()
            title.press("x")
        page.wait_for_selector(".designer-saved[data-state=saved]")
        times.append((time.perf_counter() - began) * 1000)
    page.close()
    return times
