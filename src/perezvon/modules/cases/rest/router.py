"""POST /cases/, GET /cases/{number}/ (F09.14)."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.people.models import Project
from perezvon.foundation.rest.api import caller, once, operation
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import NotFound, Refused
from perezvon.modules.cases import services
from perezvon.modules.cases.models import CaseKind, Priority, Source
from perezvon.modules.cases.rest.schemas import CaseIn, CaseOut, Problem
from perezvon.modules.cases.selectors import REGISTER, VIEW, NoSuchCase, find_by_number, last_public, visible
from perezvon.modules.customers.selectors import Asked, get_customer, search_keys

router = Router(tags=["cases"])
_REFUSALS = dict.fromkeys((401, 403, 404, 409, 413, 415, 422, 429), Problem)
_SOURCES = {"api": Source.API, "letter": Source.LETTER, "portal": Source.PORTAL}


class CustomerUnclear(Refused):
    """The phone number or mailbox is nobody's, or that of several. facts: how_many."""

    code = "cases.customer_unclear"
    http_status = 422


@router.post("/", response={201: CaseOut, **_REFUSALS}, summary="Register a case")
@operation(REGISTER)
def register(request: HttpRequest, body: CaseIn) -> Status[CaseOut]:
    """Registers a case in the first state of its kind; the kind's rules, terms and team apply as to any other.

    Sent again with the same Idempotency-Key it answers with the case that was registered the first time."""
    by = caller(request)
    by.must(VIEW)
    project, kind = _project(body.project, by), CaseKind.objects.filter(code=body.kind, is_active=True).first()
    if kind is None:
        raise services.FieldsWrong(problems={"kind": Wrong("choice.unknown")})
    with once(request):
        case = services.register_case(
            kind_id=kind.pk,
            project_id=project.pk,
            typed=_typed(body, kind),
            customer_id=_customer(body, by),
            source=_source(body.source),
            by=by,
            now=clock.now(),
        )
    return Status(201, _out(case.pk, by))


@router.get("/{number}/", response={200: CaseOut, **_REFUSALS}, summary="How a case stands")
@operation(VIEW)
def status(request: HttpRequest, number: str) -> CaseOut:
    """By its number, with or without its prefix: the state in the words that the customer is told.

    The program answers for having identified the customer before it tells him."""
    by = caller(request)
    found = find_by_number(number, by=by)
    if not found:
        raise NoSuchCase(number=number)
    return _out(found[0].pk, by)


def _project(code: str, by: Person) -> Project:
    found = Project.objects.filter(code=code).first()
    if found is None or not by.sees_project(found.pk):
        raise services.FieldsWrong(problems={"project": Wrong("choice.unknown")})
    return found


def _typed(body: CaseIn, kind: CaseKind) -> dict[str, str]:
    """As the form of a new case would send it."""
    typed = {"subject": body.subject, "text": body.text} | {f"custom_{key}": text for key, text in body.fields.items()}
    if body.category:
        category = kind.categories.filter(code=body.category, is_active=True).first()
        if category is None:
            raise services.FieldsWrong(problems={"category": Wrong("choice.unknown")})
        typed["category"] = str(category.pk)
    if body.priority:
        if body.priority.upper() not in Priority.__members__:
            raise services.FieldsWrong(problems={"priority": Wrong("choice.unknown")})
        typed["priority"] = str(Priority[body.priority.upper()].value)
    return typed


def _source(text: str) -> str:
    if text not in _SOURCES:
        raise services.FieldsWrong(problems={"source": Wrong("choice.unknown")})
    return _SOURCES[text].value


def _customer(body: CaseIn, by: Person) -> UUID | None:
    if body.customer:
        return get_customer(body.customer, by=by).pk
    text = body.contact.strip()
    if not text:
        return None
    asked = Asked(email=text) if "@" in text else Asked(phone=text)
    found = search_keys(asked, by=by, offered=("email", "phone"), limit=2)
    keys = list(found.keys) if found else []
    if len(keys) != 1:
        raise CustomerUnclear(how_many=len(keys))
    return UUID(str(keys[0]))


def _out(case_id: UUID, by: Person) -> CaseOut:
    case = visible(by).filter(pk=case_id).first()
    if case is None:
        raise NotFound(case=case_id)
    last = last_public([case.pk]).get(case.pk)
    return CaseOut(
        id=case.pk,
        number=case.code,
        project=case.project.code,
        kind=case.kind.code,
        subject=case.subject,
        state=case.state.code,
        stage=case.stage,
        told=case.state.told,
        answer=last.text if last else "",
        customer=case.customer_id,
        registered_at=case.created_at,
        due_at=case.due,
        over_at=case.over_at,
    )
