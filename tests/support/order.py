"""Which tests run where and when. A pytest plugin."""

from __future__ import annotations

import os

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

_JOURNEYS = ("tests/faults/", "tests/journeys/")
_DATABASE = {"db", "transactional_db", "cluster", "fresh_database"}

# A busy machine is slow to make examples; that says nothing about the code.
hypothesis.settings.register_profile(
    "ci", derandomize=True, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("ci")


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # untyped
    """A file's tests go to one worker, for the sake of what they share; all journeys share one browser."""

    def _split_scope(self, nodeid: str) -> str:
        return "journeys" if nodeid.startswith(_JOURNEYS) else nodeid.partition("::")[0]


def pytest_configure(config: pytest.Config) -> None:
    config.option.loadscopereorder = False  # our order: journeys last


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile:
    return ByFile(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys come last, when the other worker is nearly idle: sound and browsers want the machine."""
    for item in items:
        if item.get_closest_marker("django_db") or _DATABASE & set(getattr(item, "fixturenames", ())):
            item.add_marker("database")
        if item.nodeid.startswith("tests/faults/"):  # a minute each: restarts and recoveries
            item.add_marker("long")
        if item.nodeid.startswith(_JOURNEYS):
            item.add_marker("journey")
    items.sort(key=lambda item: item.nodeid.startswith(_JOURNEYS))
