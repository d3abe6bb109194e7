"""What the run of the tests says about features, from a mark to the line that people read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from perezvon.project.features import Feature, judge, sums

ROOT = Path(__file__).resolve().parents[2]
LISTED = "## F01 Customers\n- **F01.01** keep them\n- **F01.02** find them\n\n| F01.03 | merge them |\n"


class TestReport:
    def test_names_the_test_that_shows_a_feature(self) -> None:
        shown = {
            "F01.01": {"shown": ["a::b", "c::d"], "partly": []},
            "F01.02": {"shown": [], "partly": [["e::f", "names"]]},
        }

        assert [str(feature) for feature in judge(LISTED, shown)] == [
            "F01.01 shown a::b and 1 more",
            "F01.02 partly e::f: names",
            "F01.03 missing",
        ]

    def test_sums_up_each_area(self) -> None:
        features = [Feature("F01.01", "shown", ""), Feature("F01.02", "missing", ""), Feature("X.01", "partly", "")]

        assert list(sums(features, {"F01": "Customers"})) == [
            "F01    1 shown    0 partly    1 missing of   2  Customers",
            "X      0 shown    1 partly    0 missing of   1",
            "all    1 shown    1 partly    1 missing of   3",
        ]


class TestMarks:
    @pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "two workers"])
    def test_count_when_the_test_passed(self, tmp_path: Path, workers: list[str]) -> None:
        (tmp_path / "test_it.py").write_text(
            "import pytest\n"
            "@pytest.fixture\n"
            "def broken():\n"
            "    yield\n"
            "    raise RuntimeError\n"
            "@pytest.mark.feature('F01.01')\n"
            "def test_shows(): pass\n"
            "@pytest.mark.feature('F01.02', partly='the rest')\n"
            "def test_shows_half(): pass\n"
            "@pytest.mark.feature('F01.03')\n"
            "def test_fails(): assert 0\n"
            "@pytest.mark.feature('F01.04')\n"
            "def test_fails_afterwards(broken): pass\n"
        )
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:django", "-p", "tests.support.features", *workers]
        subprocess.run(
            [*command, "-c", os.devnull, "--rootdir", tmp_path, "--features", tmp_path / "out.json", tmp_path],
            cwd=ROOT,
            capture_output=True,
            check=False,
        )

        features = json.loads((tmp_path / "out.json").read_text())["features"]
        assert features == {
            "F01.01": {"shown": ["test_it.py::test_shows"], "partly": []},
            "F01.02": {"shown": [], "partly": [["test_it.py::test_shows_half", "the rest"]]},
        }
