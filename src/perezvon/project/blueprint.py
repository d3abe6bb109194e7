"""Blueprints: everything an administrator can set, as one YAML file that loads and can be loaded again.

Loading again changes what differs and leaves what people added. Passwords are not part of a blueprint.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Mapping
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.hashers import make_password
from django.db import transaction

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.fields.blueprint import export_fields, load_fields
from perezvon.foundation.people.blueprint import export_people, load_people
from perezvon.foundation.people.models import Group, Project, Role, Team, User
from perezvon.foundation.people.selectors import list_teams
from perezvon.foundation.people.services import must_be_strong
from perezvon.foundation.records.blueprint import export_layouts, load_layouts
from perezvon.modules.catalogue.blueprint import export_catalogue, load_catalogue
from perezvon.modules.customers.blueprint import (
    export_purposes,
    export_unknown_callers,
    load_purposes,
    load_unknown_callers,
)
from perezvon.modules.interactions.models import Result
from perezvon.modules.routing.models import Agent, NotReadyReason, Queue, Skill
from perezvon.modules.routing.services import announce_configuration
from perezvon.modules.telephony.models import Line
from perezvon.modules.telephony.services import announce_lines
from perezvon.modules.topics.models import Topic
from perezvon.project.users import WrongInput, ask_password

BY = System(name="blueprint")
SERVING_ROLES = {"operator", "extended_operator", "supervisor"}


def run(arguments: list[str]) -> int:
    """`perezvon blueprint NAME` or `load NAME`, `diff NAME`, `export`."""
    parser = argparse.ArgumentParser(prog="perezvon blueprint", description="What an administrator sets, as a file.")
    parser.add_argument("act", help="load, diff or export; load when it is a name")
    parser.add_argument(
        "name", nargs="?", default="", help=f"one of {', '.join(shipped())}, or the path of a YAML file"
    )
    parser.add_argument("--with", dest="variant", default="", help="a variant that the blueprint offers")
    given = parser.parse_args(arguments)
    if given.act == "export":
        print(_text(export()), end="")
        return 0
    act, name = (given.act, given.name) if given.act in ("load", "diff") else ("load", given.act)
    wanted = _with_variant(_found(name), given.variant)
    if act == "diff":
        print(diff(wanted, now=clock.now()), end="")
        return 0
    _ask_and_load(wanted)
    return 0


def _found(name: str) -> dict[str, Any]:
    if name not in shipped() and not Path(name).is_file():
        raise WrongInput(why=f"There is no blueprint {name}.")
    return read(name) if name in shipped() else yaml.safe_load(Path(name).read_text("utf-8"))


def _with_variant(blueprint: dict[str, Any], name: str) -> dict[str, Any]:
    """The blueprint with what one of its variants changes; its warning is printed."""
    if not name:
        return blueprint
    variant = blueprint.get("variants", {}).get(name)
    if variant is None:
        raise WrongInput(why=f"The blueprint has no variant {name}.")
    print(variant["warning"], file=sys.stderr)
    roles = {code: row | variant["roles"].get(code, {}) for code, row in blueprint["roles"].items()}
    return blueprint | {"roles": roles}


def _ask_and_load(wanted: Mapping[str, Any]) -> None:
    """New users get the password that is asked for."""
    known = set(User.objects.values_list("login", flat=True))
    fresh = [row["login"] for row in wanted.get("users", []) if row["login"] not in known]
    if fresh:
        print(f"A first password for {', '.join(fresh)}.")
    password = ask_password() if fresh else None
    if password is not None:
        must_be_strong(password)
    load(wanted, now=clock.now(), password=password)


def export() -> dict[str, Any]:
    """The parts of a blueprint that make this installation's roles, teams, groups, fields, layouts and purposes."""
    return {
        **export_people(),
        "fields": export_fields(),
        "layouts": export_layouts(),
        "purposes": export_purposes(),
        "catalogue": export_catalogue(),
        "unknown_callers": export_unknown_callers(),
    }


def diff(blueprint: Mapping[str, Any], *, now: datetime) -> str:
    """What loading it would change of that: it is loaded, compared and taken back. Empty when nothing would."""
    before = _text(export())
    with transaction.atomic():
        load(blueprint, now=now)
        after = _text(export())
        transaction.set_rollback(True)
    lines = difflib.unified_diff(before.splitlines(True), after.splitlines(True), "now", "after loading", n=2)
    return "".join(lines)


def _text(parts: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(parts), allow_unicode=True, sort_keys=False, width=120)


def shipped() -> list[str]:
    """Names of the blueprints that come along."""
    folder = resources.files("perezvon.project").joinpath("blueprints")
    names = (file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml"))
    return sorted(name for name in names if "_" not in name)


def read(name: str) -> dict[str, Any]:
    """A blueprint that ships, by name: bank."""
    text = resources.files("perezvon.project").joinpath("blueprints", f"{name}.yaml").read_text("utf-8")
    return yaml.safe_load(text)  # type: ignore[no-any-return]


@transaction.atomic
def load(blueprint: Mapping[str, Any], *, now: datetime, password: str | None = None) -> None:
    """Make the installation as the blueprint says. password: given to users who are new."""
    secret = make_password(password)  # once: hashing is slow on purpose
    projects = {row["code"]: _project(row, blueprint) for row in blueprint.get("projects", [])}
    load_people(blueprint, by=BY, now=now)
    teams = {team.code: team for team in list_teams()}
    for row in blueprint.get("skills", []):
        Skill.objects.update_or_create(code=row["code"], defaults={"name": row["name"]})
    queues = {row["code"]: _queue(row, projects) for row in blueprint.get("queues", [])}
    for row in blueprint.get("lines", []):
        _line(row, projects, queues)
    for position, row in enumerate(blueprint.get("reasons", [])):
        values = {"name": row["name"], "position": position, "limit_minutes": row.get("limit_minutes")}
        NotReadyReason.objects.update_or_create(code=row["code"], defaults=values)
    for project in projects.values():
        _results(blueprint.get("results", []), project)
    for code, rows in blueprint.get("topics", {}).items():
        _topics(rows, projects[code], None)
    for row in blueprint.get("users", []):
        _user(row, projects, teams, queues, now, secret)
    load_fields(blueprint.get("fields", {}), by=BY, now=now)
    load_layouts(blueprint.get("layouts", {}), by=BY, now=now)
    load_purposes(blueprint.get("purposes", []), by=BY, now=now)
    load_catalogue(blueprint.get("catalogue", []), by=BY, now=now)
    load_unknown_callers(blueprint.get("unknown_callers", {}), by=BY, now=now)
    announce_configuration(by=BY, now=now)
    announce_lines(by=BY, now=now)


def _project(row: Mapping[str, Any], blueprint: Mapping[str, Any]) -> Project:
    known = Project.objects.filter(code=row["code"]).values_list("settings", flat=True).first() or {}
    settings = known | {name: blueprint.get(name, {}) for name in ("identification", "search", "dimensions")}
    values = {"number": row["number"], "name": row["name"], "zone": row["zone"], "settings": settings}
    return Project.objects.update_or_create(code=row["code"], defaults=values)[0]


def _queue(row: Mapping[str, Any], projects: Mapping[str, Project]) -> Queue:
    values = {key: value for key, value in row.items() if key not in {"code", "project"}}
    return _versioned(Queue, {"code": row["code"]}, values | {"project": projects[row["project"]]})


def _line(row: Mapping[str, Any], projects: Mapping[str, Project], queues: Mapping[str, Queue]) -> Line:
    values = {
        "name": row["name"],
        "project": projects[row["project"]],
        "queue": queues[row["queue"]],
        "shown": row.get("shown", ""),
        "is_public": row.get("public", False),
        "connector": row.get("connector", "webvoice"),
    }
    return _versioned(Line, {"address": row["address"]}, values)


def _versioned[M: (Queue, Line)](model: type[M], key: dict[str, Any], values: dict[str, Any]) -> M:
    """Create or change; a change raises the version, so that the engine takes it."""
    row = model.objects.filter(**key).first()
    if row is None:
        return model.objects.create(**key, **values)
    if any(getattr(row, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(row, name, value)
        row.version += 1
        row.save()
    return row


def _results(rows: list[Mapping[str, Any]], project: Project) -> None:
    for position, row in enumerate(rows, start=1):
        values = {
            "name": row["name"],
            "position": position,
            "requires": row.get("requires", []),
            "reasons": row.get("reasons", []),
            "needs_topic": row.get("topic", True),
            "system": row.get("system", False),
        }
        Result.objects.update_or_create(project=project, code=row["code"], defaults=values)


def _topics(rows: list[Mapping[str, Any]], project: Project, parent: Topic | None) -> None:
    known = {topic.name.get("en"): topic for topic in Topic.objects.filter(project=project, parent=parent)}
    for position, row in enumerate(rows):
        topic = known.get(row["name"]["en"]) or Topic(project=project, parent=parent)
        topic.name, topic.position = row["name"], position
        topic.needs_identification = row.get("identify", False)
        topic.save()
        _topics(row.get("children", []), project, topic)


def _user(
    row: Mapping[str, Any],
    projects: Mapping[str, Project],
    teams: Mapping[str, Team],
    queues: Mapping[str, Queue],
    now: datetime,
    secret: str,
) -> User:
    values = {
        "first_name": row["first"],
        "middle_name": row.get("middle", ""),
        "last_name": row["last"],
        "role": Role.objects.get(code=row["role"]),
        "team": teams.get(row.get("team", "")),
        "position": row.get("position", ""),
        "extension": row.get("extension", ""),
        "mobile": row.get("mobile", ""),
        "home_phone": row.get("home", ""),
        "email": row.get("email", f"{row['login']}@bank.example"),
    }
    user, created = User.objects.update_or_create(login=row["login"], defaults=values)
    if created:
        user.created_at = now
        user.password = secret
        user.save()
    user.projects.set([projects[code] for code in row.get("projects", [])])
    if "groups" in row:
        user.groups.set(Group.objects.filter(code__in=row["groups"]))
    if row["role"] in SERVING_ROLES:
        _agent(user, row, queues)
    return user


def _agent(user: User, row: Mapping[str, Any], queues: Mapping[str, Queue]) -> None:
    agent, created = Agent.objects.get_or_create(user=user, defaults={"skills": row.get("skills", {})})
    mine = {queue for queue in queues.values() if queue.project.code in row.get("projects", [])}
    if created or agent.skills != row.get("skills", {}) or set(agent.queues.all()) != mine:
        agent.queues.set(mine)
        agent.skills = row.get("skills", {})
        agent.version += 1
        agent.save()
