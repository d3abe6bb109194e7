"""Customers as a kind of record that can be imported."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor
from perezvon.foundation.imports.registry import Done, Importable, Policy, Row, Verdict
from perezvon.foundation.imports.registry import Problem as ImportProblem
from perezvon.modules.customers.importing.drafts import row_keys
from perezvon.modules.customers.importing.judging import look
from perezvon.modules.customers.importing.targets import targets
from perezvon.modules.customers.importing.writing import import_rows, take_back_rows
from perezvon.modules.customers.values import RECORD, Problem
from perezvon.modules.customers.web.words import locked_words, problem_words


def _write(rows: Sequence[Row], policy: Policy, by: Actor, now: datetime) -> list[Verdict]:
    return import_rows(rows=rows, policy=policy, by=by, now=now)


def _undo(done: Sequence[Done], by: Actor, now: datetime) -> list[UUID]:
    return take_back_rows(done=done, by=by, now=now)


def _words(problem: ImportProblem) -> str:
    match problem.code:
        case "imports.several":
            return _("Several cards fit: {numbers}.").format(**problem.facts)
        case "customers.locked_by_type":
            return locked_words(str(problem.facts["card_type"]))
        case "phone.cut":
            return _("The spreadsheet has cut this number; format the column as text and save it again.")
    return problem_words(Problem(problem.code, problem.facts))


def _url(key: UUID) -> str:
    return reverse("customers:card", args=[key])


IMPORTABLE = Importable(
    code=RECORD,
    label=lazy("Customers"),
    right="customers.import",
    targets=targets,
    look=look,
    write=_write,
    undo=_undo,
    words=_words,
    url=_url,
    row_keys=row_keys,
    usual_keys=("number", "inn", "snils", "passport", "phone_mobile", "phone_contact", "email"),
)
