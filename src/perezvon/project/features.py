"""`perezvon features`: every feature of docs/reference/features.md, and the passed tests that show it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from perezvon.foundation import clock
from perezvon.project.environment import clone
from perezvon.project.parts import NotThere

_LISTED = re.compile(r"^[\s|*-]*\**((?:F\d\d|X)\.\d\d)\b", re.M)
_AREA = re.compile(r"^#+ +(F\d\d|X)\b[\s.:-]*(.*)$", re.M)


@dataclass(frozen=True, slots=True)
class Feature:
    """One id and how far it is: `shown` by tests, `partly` with what is missing, or `missing`."""

    id: str
    state: str
    told: str

    @property
    def area(self) -> str:
        return self.id.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.id} {self.state} {self.told}".rstrip()


def run(arguments: list[str]) -> int:
    """Print a line for each id, the sums of each area, and how old the knowledge is; 1 when a test names a false id."""
    root = clone()
    if root is None:
        raise NotThere(target="docs folder")
    listed = (root / "docs" / "reference" / "features.md").read_text()
    result = root / "build" / "features.json"
    found = json.loads(result.read_text()) if result.exists() else {"features": {}}
    features = list(judge(listed, found["features"]))
    print("\n".join(str(feature) for feature in features))
    print("\n".join(["", *sums(features, _areas(listed)), "", _source(result, found)]))
    false = sorted(set(found["features"]) - {feature.id for feature in features})
    if false:
        print(f"Tests name ids that are not listed: {', '.join(false)}")
    return 1 if false else 0


def judge(listed: str, shown: Mapping[str, Mapping[str, list[object]]]) -> Iterator[Feature]:
    """The ids of the document in its order, each once."""
    for id_ in dict.fromkeys(_LISTED.findall(listed)):
        by = shown.get(id_, {})
        if tests := by.get("shown"):
            yield Feature(id_, "shown", str(tests[0]) + (f" and {len(tests) - 1} more" if len(tests) > 1 else ""))
        elif partly := by.get("partly"):
            test, missing = partly[0] if isinstance(partly[0], list) else (partly[0], "")
            yield Feature(id_, "partly", f"{test}: {missing}")
        else:
            yield Feature(id_, "missing", "")


def sums(features: list[Feature], areas: Mapping[str, str]) -> Iterator[str]:
    """A line for each area and one for all."""
    by_area: dict[str, Counter[str]] = {}
    for feature in features:
        by_area.setdefault(feature.area, Counter())[feature.state] += 1
    for area, counted in [*by_area.items(), ("all", sum(by_area.values(), Counter()))]:
        told = f"{counted['shown']:>4} shown {counted['partly']:>4} partly {counted['missing']:>4} missing"
        yield f"{area:<4}{told} of {counted.total():>3}  {areas.get(area, '')}".rstrip()


def _areas(listed: str) -> dict[str, str]:
    return dict(_AREA.findall(listed))


def _source(path: Path, found: Mapping[str, object]) -> str:
    if "commit" not in found:
        return f"{path} is absent: run `make test` first."
    age = timedelta(seconds=int(clock.now().timestamp()) - int(str(found["at"])))
    return f"As shown by the tests of commit {found['commit']}, {age} ago."
