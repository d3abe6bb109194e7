"""`@command`: the wrapper of every service that writes."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, is_dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import OperationalError, connection, models, transaction

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.models import CommandRecord
from perezvon.kernel.ids import uuid7

ATTEMPTS = 3
BEHIND = "acted_by"  # in a record's facts: who did it in the actor's name
_RETRIED = {"40001", "40P01"}  # serialisation failure, deadlock


@dataclass(frozen=True, slots=True)
class Intent:
    """The id that a click brought along, and the reason its author gave."""

    command_id: UUID | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class CommandInfo:
    """What the register knows of a command. needs: the right; None only for what everybody may do.

    reads: it changes nothing; it is kept because it shows something that is watched over.
    """

    name: str
    needs: str | None
    reads: bool = False


_intent: ContextVar[Intent | None] = ContextVar("intent", default=None)
_running: ContextVar[UUID | None] = ContextVar("running_command", default=None)
_after: ContextVar[Callable[[], None] | None] = ContextVar("after_each_command", default=None)
REGISTER: dict[str, CommandInfo] = {}


@contextmanager
def intent(command_id: UUID | None = None, why: str = "") -> Iterator[None]:
    """The next command runs under this id: given twice, the second run returns the first result."""
    token = _intent.set(Intent(command_id, why))
    try:
        yield
    finally:
        _intent.reset(token)


@contextmanager
def after_each(act: Callable[[], None]) -> Iterator[None]:
    """Calls `act` after each command that has committed in here; what a command calls in turn is part of it."""
    token = _after.set(act)
    try:
        yield
    finally:
        _after.reset(token)


def command[**P, R](name: str, *, needs: str | None, reads: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a service a command: `def book(*, …, by: Actor, now: datetime)`.

    It runs in one transaction together with its audit and its events. Called inside another command it joins
    that one's transaction, its own right checked. A deadlock is retried from the start, up to three times.
    """

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        REGISTER[name] = CommandInfo(name, needs, reads)

        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            by, now = kwargs["by"], kwargs["now"]
            if not isinstance(by, Actor) or not isinstance(now, datetime):
                raise TypeError(f"{name} takes by=Actor and now=datetime")
            if needs is not None:
                by.must(needs)
            attempt = functools.partial(_once, name, by, now, functools.partial(function, *args, **kwargs), kwargs)
            if _running.get():
                return attempt()  # type: ignore[no-any-return]
            result = _with_retries(attempt)
            if act := _after.get():
                act()
            return result  # type: ignore[no-any-return]

        return run

    return wrap


def _with_retries(attempt: Callable[[], Any]) -> Any:
    for left in reversed(range(ATTEMPTS)):
        try:
            return attempt()
        except OperationalError as error:
            state = getattr(error.__cause__, "sqlstate", None)
            if state not in _RETRIED or not left or connection.in_atomic_block:
                raise
            time.sleep(0.01 * (ATTEMPTS - left))
    return None


def _once(name: str, by: Actor, now: datetime, function: Callable[[], Any], given: dict[str, object]) -> Any:
    wanted = _intent.get() or Intent()
    parent = _running.get()
    command_id = wanted.command_id if wanted.command_id and not parent else uuid7(now)
    with transaction.atomic():
        record = CommandRecord(
            id=command_id, name=name, actor=by.key, at=now, why=wanted.why, parent_id=parent, facts=_facts(given, by)
        )
        if wanted.command_id and not parent and (first := _first_run(record)) is not None:
            return _recall(first)
        record.save(force_insert=True)
        token = _running.set(command_id)
        try:
            _tell_database(command_id)
            result = function()
        finally:
            _running.reset(token)
        if parent:  # after an error the savepoint takes the setting back, and nothing could be asked any more
            _tell_database(parent)
        record.result = _keep(result)
        if record.result is not None:
            record.save(update_fields=["result"])
        return result


def _first_run(record: CommandRecord) -> CommandRecord | None:
    """The earlier run of the same id. A run still under way is waited for by the lock on its key."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(record.id)])
    return CommandRecord.objects.filter(pk=record.id).first()


def _tell_database(command_id: UUID) -> None:
    """Triggers that write the history read this."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('perezvon.command_id', %s, true)", [str(command_id)])


def _facts(given: dict[str, object], by: Actor) -> dict[str, str]:
    """The ids among the arguments: what was acted on. Values may be personal and stay out."""
    facts = {key: str(value) for key, value in given.items() if key.endswith("_id") and value is not None}
    return facts | ({BEHIND: f"user:{by.behind}"} if by.behind else {})


def _keep(result: object) -> Any:
    if isinstance(result, models.Model):
        return {"model": result._meta.label, "pk": str(result.pk)}
    if isinstance(result, UUID):
        return {"uuid": str(result)}
    if isinstance(result, str | int | float | bool):
        return {"value": result}
    if result is None or is_dataclass(result):
        return None
    return None


def _recall(record: CommandRecord) -> Any:
    kept = record.result
    if not kept:
        return None
    if "model" in kept:
        return apps.get_model(kept["model"])._default_manager.get(pk=kept["pk"])  # noqa: TID251  (its own record)
    return UUID(kept["uuid"]) if "uuid" in kept else kept["value"]
