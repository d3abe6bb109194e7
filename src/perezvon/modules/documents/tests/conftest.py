"""The cast of the cases, whose letters these are: Olga serves, Lisa writes templates, Elena complains."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from perezvon.foundation.access import Person
from perezvon.foundation.people.models import User
from perezvon.modules.cases.tests.conftest import (
    NOW,
    browse,
    cards,
    elena,
    ivan,
    kinds,
    lisa,
    loans,
    olga,
    register,
    viktor,
)
from perezvon.modules.documents import services
from perezvon.modules.documents.models import DocumentTemplate
from perezvon.modules.documents.services import TemplateWanted

__all__ = ["browse", "cards", "elena", "ivan", "kinds", "lisa", "loans", "olga", "register", "viktor"]

ANSWER = "<p>No. {{ document.number }}</p><p>{{ customer.dear }}, on {{ case.subject }}: {{ customer.inn }}</p>"

type Write = Callable[..., DocumentTemplate]


@pytest.fixture
def write(lisa: Person, olga: Person) -> Write:
    """write("answer", body=…) writes a template for cases and publishes it."""
    User.objects.filter(pk=olga.id).update(position="Expert")

    def written(code: str = "answer", *, kind: str = "case", body: str = ANSWER, **more: object) -> DocumentTemplate:
        wanted = TemplateWanted(code=code, kind=kind, name={"en": code.title()}, body=body, language="en", **more)
        template = services.write_template(wanted=wanted, by=lisa, now=NOW)
        services.publish_template(template_id=template.pk, number=1, by=lisa, now=NOW)
        return template

    return written
