"""Connecting the company's base of customers, and taking somebody over from it (F04.04)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from django.db import connection

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.secrets import decrypt, encrypt
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import NotFound, Refused
from perezvon.modules.customers.models import ContactPoint, Customer, Kind, OutsideSource
from perezvon.modules.customers.selectors.duplicates import find_successor
from perezvon.modules.customers.selectors.outside import SECRET, get_outside_source
from perezvon.modules.customers.selectors.review import today
from perezvon.modules.customers.services.registering import register_potential
from perezvon.modules.customers.services.writing import FieldsWrong, point_of
from perezvon.modules.customers.values import Problem, clean, read_own
from perezvon.ports.customers import NAMES, PATHS, OutsideCustomer

LONGEST_URL, LONGEST_HEADER, LONGEST_LABEL, MOST_FACTS = 500, 300, 60, 10
_TAKE_OVER_LOCK = 7021005
_HEADER = re.compile(r"[A-Za-z0-9-]+:[ -~]+")
_PATH = re.compile(r"[\w$@:/-]+(\.[\w$@:/-]+)*", re.A)


class OutsideSourceChanged(Refused):
    """Somebody else has changed it since it was read."""

    code = "customers.outside_source_changed"


@dataclass(frozen=True, slots=True)
class WantedSource:
    """A base as an administrator wants it; see OutsideSource. secret: "" leaves the one that is kept."""

    name: Mapping[str, str]
    url: str
    header: str = ""
    secret: str = field(default="", repr=False)
    paths: Mapping[str, str] = field(default_factory=dict)
    facts: Sequence[tuple[str, str]] = ()
    project_id: int | None = None
    in_use: bool = True


@command("customers.put_outside_source", needs="customers.outside_sources")
def put_outside_source(
    *, wanted: WantedSource, by: Actor, now: datetime, source_id: int | None = None, version: int = 0
) -> OutsideSource:
    """Connect a base or change it. Raises FieldsWrong with all that is wrong, OutsideSourceChanged, NoSuchOutside."""
    if wanted.project_id is not None and not by.sees_project(wanted.project_id):
        raise NotFound(project=wanted.project_id)
    source = OutsideSource()
    if source_id is not None:
        get_outside_source(source_id, by=by)
        source = OutsideSource.objects.select_for_update().get(pk=source_id)
        if source.version != version:
            raise OutsideSourceChanged(source=source_id)
        source.version += 1
    problems = _problems(wanted) | _problem_of_secret(source, wanted)
    if OutsideSource.objects.filter(project=wanted.project_id).exclude(pk=source.pk).exists():
        problems["project"] = Problem("outside.taken")
    if problems:
        raise FieldsWrong(problems=problems)
    source.name = {language: text.strip()[:100] for language, text in wanted.name.items() if text.strip()}
    source.project_id, source.in_use = wanted.project_id, wanted.in_use
    source.url, source.header = wanted.url, wanted.header
    source.paths = {name: path for name, path in wanted.paths.items() if path}
    source.facts = [list(fact) for fact in wanted.facts]
    if wanted.secret:
        source.secret = encrypt(wanted.secret, what=SECRET)
    source.save()
    return source


def _problem_of_secret(source: OutsideSource, wanted: WantedSource) -> dict[str, Problem]:
    """Who changes where a token goes without knowing it would have it sent to a server of his own."""
    kept = bool(decrypt(source.secret, what=SECRET)) and not wanted.secret
    moved = (wanted.url, wanted.header) != (source.url, source.header)
    return {"secret": Problem("secret.again")} if kept and moved else {}


def _problems(wanted: WantedSource) -> dict[str, Problem]:
    problems = {}
    if not any(text.strip() for text in wanted.name.values()):
        problems["source_name_ru"] = Problem("field.required")
    if not _is_address(wanted.url):
        problems["url"] = Problem("outside.url")
    if wanted.header and (not _HEADER.fullmatch(wanted.header) or len(wanted.header) > LONGEST_HEADER):
        problems["header"] = Problem("outside.header")
    if wanted.secret and not (wanted.secret.isascii() and wanted.secret.isprintable()):
        problems["secret"] = Problem("outside.header")
    for name, paths in wanted.paths.items():
        if name not in PATHS or not all(_is_path(path.strip()) for path in paths.split(",") if paths):
            problems[name] = Problem("outside.path")
    if not wanted.paths.get("key"):
        problems["key"] = Problem("outside.key")
    if len(wanted.facts) > MOST_FACTS or not all(
        0 < len(label) <= LONGEST_LABEL and _is_path(path) for label, path in wanted.facts
    ):
        problems["facts"] = Problem("outside.facts")
    return problems


def _is_path(path: str) -> bool:
    return len(path) <= 100 and bool(_PATH.fullmatch(path))


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        there = bool(parts.hostname) and parts.port != 0 and not parts.username
    except ValueError:
        return False
    asks = "{phone}" in parts.path + parts.query
    return parts.scheme in {"http", "https"} and there and asks and url.isascii() and len(url) <= LONGEST_URL


# --- taking over ---


@command("customers.take_over", needs="customers.register")
def take_over(
    *, found: OutsideCustomer, source_id: int, number: str, project_id: int, by: Actor, now: datetime
) -> Customer:
    """His card in our base: the one made of him before in this project, else a new one.

    number: digits by which he was found; they become his main telephone. What cannot be kept is left out. Two at once
    make one card: the second waits for the first. Raises FieldsWrong where too little can be kept, NoSuchOutside.
    """
    source = get_outside_source(source_id, by=by)
    key = f"{source.pk}:{found.key}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_TAKE_OVER_LOCK, key])
    if known := _taken_over(key, project_id, by):
        return known
    customer = register_potential(typed=_typed(found, number, now), by=by, now=now, project_id=project_id)
    customer.outside_key, customer.source = key, str(source)[:100]
    customer.save(update_fields=["outside_key", "source"])
    _add_others(customer, found)
    return customer


def _taken_over(key: str, project_id: int, by: Actor) -> Customer | None:
    """A card that was merged since is the one that took its place; a deleted one is none."""
    for card in Customer.objects.of_projects(by).filter(project=project_id, outside_key=key).order_by("-created_at"):
        stands = card if card.deleted_at is None else find_successor(card.pk, by=by)
        if stands is not None:
            return stands
    return None


def _typed(found: OutsideCustomer, number: str, now: datetime) -> dict[str, str]:
    """As somebody would have typed it, without what cannot be read."""
    is_person = found.last_name or found.first_name
    typed = {name: getattr(found, name) for name in NAMES}
    typed |= {"kind": Kind.PERSON if is_person else Kind.COMPANY, "phone_contact": f"+{number}"}
    wrong = clean(typed, today=today(now)).problems
    return {name: text for name, text in typed.items() if name not in wrong}


def _add_others(customer: Customer, found: OutsideCustomer) -> None:
    """Further telephones and e-mails, each once."""
    known = {point.digits for point in customer.points.all()}
    for kind, name, texts in (
        (ContactPoint.Kind.PHONE, "phone_contact", found.phones),
        (ContactPoint.Kind.EMAIL, "email", found.emails),
    ):
        for text in texts:
            try:
                point = point_of(
                    customer, kind, ContactPoint.Use.CONTACT, read_own(name, text, customer.created_at.date())
                )
            except Wrong:
                continue
            key = point.digits or point.raw.lower()
            if key not in known:
                known.add(key)
                point.save()
