from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from perezvon.foundation.access import System
from perezvon.foundation.people.models import Project, Role, User
from perezvon.modules.knowledge import services
from perezvon.modules.knowledge.models import Article, Section

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BY = System(name="test")


@pytest.fixture
def loans(db) -> Project:
    return Project.objects.create(code="loans", number=101, name={"en": "Loans"})


@pytest.fixture
def cards(db) -> Project:
    return Project.objects.create(code="cards", number=102, name={"en": "Cards"})


@pytest.fixture
def person(loans) -> Callable[..., User]:
    def person(login: str, role: str, *projects: Project) -> User:
        user = User.objects.create_user(login, last_name=login.title(), role=Role.objects.get(code=role), language="en")
        user.projects.set(projects or [loans])
        return user

    return person


@pytest.fixture
def section(db) -> Section:
    return Section.objects.create(code="cards", name={"en": "Cards"})


@pytest.fixture
def put(section) -> Callable[..., Article]:
    """An article in force."""

    def put(title: str, brief: str = "", *, at: datetime = NOW, **more: object) -> Article:
        wanted = services.Wanted(more.pop("section_id", section.pk), title, brief=brief, **more)  # type: ignore[arg-type]
        article = services.write(wanted=wanted, by=BY, now=at)
        services.approve(article_id=article.pk, number=1, by=BY, now=at)
        article.refresh_from_db()
        return article

    return put
