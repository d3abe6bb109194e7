"""`perezvon user`: the first people of an installation, and a password that was forgotten."""

from __future__ import annotations

import argparse
import getpass
import sys

from django.utils import translation

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.access.rights import ROLES
from perezvon.foundation.people.models import Project, Role, User
from perezvon.foundation.people.services import UserDetails, add_user, set_password
from perezvon.kernel.errors import PerezvonError

BY = System(name="command line")


class WrongInput(PerezvonError):
    """facts: why."""

    code = "project.wrong_input"

    def __str__(self) -> str:
        return str(self.facts["why"])


def run(arguments: list[str]) -> int:
    """`add`, `password` or `list`."""
    given = _read(arguments)
    with translation.override("en"):  # a terminal may not know Cyrillic; the command speaks English throughout
        given.act(given)
    return 0


def _read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="perezvon user", description="A password is asked for, or read from standard input when that is a pipe."
    )
    acts = parser.add_subparsers(required=True, metavar="ACT")
    add = acts.add_parser("add", help="somebody new")
    add.add_argument("login")
    add.add_argument("--role", required=True, choices=ROLES)
    add.add_argument("--first-name", default="")
    add.add_argument("--last-name", default="", help="the login unless given")
    add.add_argument("--language", choices=("ru", "en", "uk"), default="ru")
    add.add_argument("--project", action="append", default=[], metavar="CODE", help="where an operator works; repeat")
    add.set_defaults(act=_add)
    password = acts.add_parser("password", help="a new password; ends what runs under the old one")
    password.add_argument("login")
    password.set_defaults(act=_password)
    acts.add_parser("list", help="who there is").set_defaults(act=_list)
    return parser.parse_args(arguments)


def _add(given: argparse.Namespace) -> None:
    who = UserDetails(
        login=given.login,
        role=Role.objects.get(code=given.role),
        first_name=given.first_name,
        last_name=given.last_name,
        language=given.language,
        projects=tuple(_project(code) for code in given.project),
    )
    user = add_user(who=who, password=ask_password(), by=BY, now=clock.now())
    print(f"{user.login} may sign in now, as {user.role}.")


def _password(given: argparse.Namespace) -> None:
    user = set_password(login=given.login, password=ask_password(), by=BY, now=clock.now())
    print(f"{user.login} has a new password.")


def _list(_given: argparse.Namespace) -> None:
    for user in User.objects.select_related("role").order_by("login"):
        print(f"{user.login:<20} {user.role.code:<28} {user.full_name}{'' if user.is_active else '  (blocked)'}")


def _project(code: str) -> Project:
    project = Project.objects.filter(code=code).first()
    if project is None:
        raise WrongInput(why=f"There is no project {code}.")
    return project


def ask_password() -> str:
    """Typed twice without being shown; or the first line of standard input. Never an argument: others see those."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise WrongInput(why="The two passwords differ.")
    return password
