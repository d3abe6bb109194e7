"""Blueprints: everything an administrator can set, as one YAML file that loads and can be loaded again.

Loading again changes what differs and leaves what people added. Passwords are not part of a blueprint.
"""

from __future__ import annotations

import argparse
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
from perezvon.foundation.configuration import texts
from perezvon.foundation.configuration.parts import export_parts, load_parts
from perezvon.foundation.people.models import Group, Project, Role, Team, User
from perezvon.foundation.people.selectors import list_teams
from perezvon.foundation.people.services import must_be_strong
from perezvon.modules.routing.models import Agent, Queue
from perezvon.modules.routing.services import announce_configuration
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
        print(texts.present(), end="")
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
    return read(name) if name in shipped() else texts.as_read(Path(name).read_text("utf-8"))


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
    """The blueprint of this installation: all but its users."""
    return export_parts()


def diff(blueprint: Mapping[str, Any], *, now: datetime) -> str:
    """What loading it would change. Empty when nothing would."""
    after = texts.after_loading(blueprint, by=BY, now=now)
    return texts.difference(texts.present(), after, ("now", "after loading"))


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
    load_parts(blueprint=blueprint, by=BY, now=now)
    if users := blueprint.get("users", []):
        _load_users(users, now, make_password(password))  # once: hashing is slow on purpose


def _load_users(rows: list[Mapping[str, Any]], now: datetime, secret: str) -> None:
    projects = {project.code: project for project in Project.objects.all()}
    teams = {team.code: team for team in list_teams()}
    queues = list(Queue.objects.select_related("project"))
    for row in rows:
        _user(row, projects, teams, queues, now, secret)
    announce_configuration(by=BY, now=now)


def _user(
    row: Mapping[str, Any],
    projects: Mapping[str, Project],
    teams: Mapping[str, Team],
    queues: list[Queue],
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


def _agent(user: User, row: Mapping[str, Any], queues: list[Queue]) -> None:
    agent, created = Agent.objects.get_or_create(user=user, defaults={"skills": row.get("skills", {})})
    mine = {queue for queue in queues if queue.project.code in row.get("projects", [])}
    if created or agent.skills != row.get("skills", {}) or set(agent.queues.all()) != mine:
        agent.queues.set(mine)
        agent.skills = row.get("skills", {})
        agent.version += 1
        agent.save()
