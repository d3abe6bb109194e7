"""Nothing is reachable, and nothing is written, without somebody having said who may."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from perezvon.foundation.access.rights import declared
from perezvon.foundation.commands.services import REGISTER, CommandInfo
from perezvon.foundation.web.guard import OPEN, SIGNED_IN
from perezvon.project.reference import import_services


@pytest.fixture(scope="module", autouse=True)
def commands() -> Mapping[str, CommandInfo]:
    """Every command there is, but those that tests make: the register fills as services are imported."""
    import_services()
    return {name: info for name, info in REGISTER.items() if not name.startswith("tests.")}


class TestRoutes:
    def test_name_the_right_that_they_need(self) -> None:
        routes = list(_routes(get_resolver(), ""))

        assert routes
        assert [path for path, pattern in routes if not _right_of(pattern)] == []

    def test_need_rights_that_an_administrator_can_give(self) -> None:
        named = {
            right
            for _, pattern in _routes(get_resolver(), "")
            if not (right := _right_of(pattern)).startswith((OPEN, SIGNED_IN))
        }

        assert named - set(declared()) == set()

    def test_are_named_for_templates(self) -> None:
        assert [path for path, pattern in _routes(get_resolver(), "") if not pattern.name] == []


class TestCommands:
    def test_need_rights_that_an_administrator_can_give(self, commands: Mapping[str, CommandInfo]) -> None:
        assert commands
        assert {info.needs for info in commands.values() if info.needs} - set(declared()) == set()

    def test_are_named_after_their_app(self, commands: Mapping[str, CommandInfo]) -> None:
        # The demo is no app: it loads data through the apps' services, as a project's own affair.
        apps_known = {config.label for config in apps.get_app_configs()} | {"demo"}

        assert [name for name in commands if name.partition(".")[0] not in apps_known] == []


def _right_of(pattern: URLPattern) -> str:
    return getattr(pattern.callback, "perezvon_right", "")


def _routes(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        path = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern, path)
        else:
            yield path, pattern
