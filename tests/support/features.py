"""Which features of docs/reference/features.md the passed tests show. A pytest plugin.

`--features PATH` adds this run's findings to the file; `perezvon features` reads it.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections import defaultdict
from pathlib import Path
from typing import cast

import pytest

_PROPERTY = "feature"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--features", type=Path, metavar="PATH", help="add the features shown by passed tests to PATH")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks travel as properties, because those reach the report even from another process."""
    for item in items:
        for mark in item.iter_markers(_PROPERTY):
            item.user_properties.append((_PROPERTY, [*mark.args, mark.kwargs.get("partly")]))


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("features") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(FeatureReport(config.getoption("features")), "feature-report")


class FeatureReport:
    """Collects outcomes in the process that hears of all of them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._marks: dict[str, list[tuple[str, str | None]]] = {}
        self._failed: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Set-up and clearing away count too: a test that fails in either has shown nothing."""
        if not report.passed:
            self._failed.add(report.nodeid)
        elif report.when == "call":
            marks = [value for name, value in report.user_properties if name == _PROPERTY]
            self._marks[report.nodeid] = cast("list[tuple[str, str | None]]", marks)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        before = json.loads(self._path.read_text())["features"] if self._path.exists() else {}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        found = {"commit": _commit(session.config.rootpath), "at": int(time.time()), "features": self._merged(before)}
        self._path.write_text(json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n")

    def _merged(self, before: dict[str, dict[str, list[object]]]) -> dict[str, dict[str, list[object]]]:
        merged: dict[str, dict[str, list[object]]] = defaultdict(lambda: {"shown": [], "partly": []}, before)
        for test, marks in self._marks.items():
            for feature, partly in marks if test not in self._failed else []:
                kind, entry = ("partly", [test, partly]) if partly else ("shown", test)
                if entry not in merged[feature][kind]:
                    merged[feature][kind].append(entry)
        return merged


def _commit(root: Path) -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=root, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
