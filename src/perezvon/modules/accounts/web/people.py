"""Pages of the administrator of people: a card, a new one; the list is in lists.py."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person, System
from perezvon.foundation.commands.services import intent
from perezvon.foundation.people import services
from perezvon.foundation.people.models import Group, Keeper, Project, User
from perezvon.foundation.people.selectors import get_person, list_groups, list_projects, list_roles, list_teams
from perezvon.foundation.people.services import FieldsWrong, LoginTaken, Outdated, UserDetails, WeakPassword
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.foundation.web.words import words_for
from perezvon.kernel.errors import NotFound
from perezvon.modules.accounts.registry import say_farewell
from perezvon.modules.accounts.services import end_all_sessions, ways_of
from perezvon.modules.accounts.web.forms import (
    coded,
    codes_of,
    conflict,
    field,
    summary,
    typed_codes,
    typed_number,
)

MANAGE = "people.manage"
_UNPROCESSABLE = 422
_TEXTS = (
    "login",
    "last_name",
    "first_name",
    "middle_name",
    "position",
    "email",
    "extension",
    "mobile",
    "home_phone",
    "language",
    "keeper",
)
_TYPES = {"email": "email", "mobile": "tel", "home_phone": "tel"}
# Nobody mistakes one of these signs for another, read aloud or written by hand.
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"


@needs(MANAGE)
@require_http_methods(["GET", "POST"])
def person_new(request: HttpRequest) -> HttpResponse:
    """Somebody new. His first password is made here, shown once, and changed by him at his first sign-in."""
    by = person_of(request)
    if request.method == "GET":
        return _form(request, None, {"language": "ru", "keeper": Keeper.PEREZVON} | request.GET.dict(), {})
    typed, problems = _typed(request), {}
    try:
        password = new_password()
        who = _details(typed, by)
        user = services.add_user(who=who, password=password, is_given=True, by=by, now=clock.now())
    except (FieldsWrong, LoginTaken) as wrong:
        problems = _problems(wrong)
        return _form(request, None, typed, problems, status=_UNPROCESSABLE)
    # A password that the company keeps is not given here.
    given = password if user.keeper == Keeper.PEREZVON else ""
    return _card(request, get_person(user.pk, by=by), given=given)


@needs(MANAGE)
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, user_id: int) -> HttpResponse:
    """All about somebody, to be changed."""
    by = person_of(request)
    user = get_person(user_id, by=by)
    if request.method == "GET":
        return _card(request, user)
    typed = _typed(request)
    try:
        with intent(why=request.POST.get("why", "")[:500]):
            services.update_user(
                user_id=user_id,
                version=typed_number(request, "version"),
                who=_details(typed, by),
                by=by,
                now=clock.now(),
            )
    except (FieldsWrong, LoginTaken) as wrong:
        return _form(request, user, typed, _problems(wrong), status=_UNPROCESSABLE)
    except Outdated as outdated:
        back_url = reverse("accounts:person", args=[user_id])
        return conflict(request, outdated, title=user.full_name, back_url=back_url, say=_tick_name)
    return HttpResponseRedirect(f"{reverse('accounts:person', args=[user_id])}?saved")


def _tick_name(name: str, code: str) -> str:
    rows: Sequence[Group | Project] = list_groups() if name == "groups" else list_projects(by=System(name="words"))
    return next((str(row) for row in rows if row.code == code), code)


# --- acts beside the form ---


type Act = Callable[[int, Person], User]

_ACTS: dict[str, Act] = {
    "block": lambda user_id, by: services.block_user(user_id=user_id, by=by, now=clock.now()),
    "unblock": lambda user_id, by: services.unblock_user(user_id=user_id, by=by, now=clock.now()),
    "sign-out": lambda user_id, by: services.end_sessions(user_id=user_id, by=by, now=clock.now()),
}


@needs(MANAGE)
@require_POST
def person_act(request: HttpRequest, user_id: int, act: str) -> HttpResponse:
    """Block, let in again, sign out everywhere; a new password to begin with, which is shown this once."""
    by = person_of(request)
    user = get_person(user_id, by=by)
    given = ""
    with intent(why=request.POST.get("why", "")[:500]):
        if act == "password":
            given = new_password()
            services.give_password(user_id=user_id, password=given, by=by, now=clock.now())
        elif act in _ACTS:
            _ACTS[act](user_id, by)
        else:
            raise NotFound(act=act)
    if act != "unblock":
        end_all_sessions(user)
        say_farewell(user.actor(), clock.now())
    if given:
        return _card(request, get_person(user_id, by=by), given=given)
    return HttpResponseRedirect(f"{reverse('accounts:person', args=[user_id])}?saved")


def new_password() -> str:
    """Three groups of four signs, easy to read out."""
    return "-".join("".join(secrets.choice(_SIGNS) for _sign in range(4)) for _group in range(3))


# --- the form ---


def _typed(request: HttpRequest) -> dict[str, Any]:
    typed: dict[str, Any] = {name: request.POST.get(name, "")[:100] for name in (*_TEXTS, "role", "team")}
    return typed | {name: typed_codes(request, name) for name in ("projects", "groups")}


def _details(typed: Mapping[str, Any], by: Person) -> UserDetails:
    """Raises FieldsWrong without a role."""
    role = next((one for one in list_roles() if one.code == typed["role"]), None)
    if role is None:
        raise FieldsWrong(problems={"role": "role.missing"})
    if not typed["last_name"].strip():
        raise FieldsWrong(problems={"last_name": "name.missing"})
    return UserDetails(
        role=role,
        team=next((one for one in list_teams() if one.code == typed["team"]), None),
        projects=tuple(one for one in list_projects(by=by) if one.code in typed["projects"]),
        groups=tuple(one for one in list_groups() if one.code in typed["groups"]),
        **{name: typed[name] for name in _TEXTS},
    )


def _problems(wrong: FieldsWrong | LoginTaken | WeakPassword) -> dict[str, str]:
    if isinstance(wrong, FieldsWrong):
        problems: dict[str, str] = wrong.facts["problems"]  # type: ignore[assignment]
        return problems
    return {"login": words_for(wrong)}


def _card(request: HttpRequest, user: User, given: str = "") -> HttpResponse:
    values: dict[str, Any] = {name: getattr(user, name) for name in _TEXTS}
    values |= {"role": user.role.code, "team": user.team.code if user.team else ""}
    values |= {"projects": codes_of(user.projects.all()), "groups": codes_of(user.groups.all())}
    return _form(request, user, values, {}, given=given)


def _form(
    request: HttpRequest,
    user: User | None,
    typed: Mapping[str, Any],
    problems: Mapping[str, str],
    given: str = "",
    status: int = 200,
) -> HttpResponse:
    by = person_of(request)
    context = {
        "person": user,
        "is_me": bool(user) and user.pk == by.id,  # type: ignore[union-attr]
        "groups": _groups(typed, problems, by),
        "problems": summary(problems),
        "version": request.POST.get("version") or (user.version if user else 0),
        "given": given,
        "saved": "saved" in request.GET,
        "may_act_as": by.may("people.impersonate") and user and user.is_active and user.pk != by.id,
        "may_audit": by.may("administration.audit"),
        "may_ask_why": by.may("people.explain"),
        "second_step": _second_step(user) if user else "",
    }
    return render_page(request, "accounts/person.html", context, part="workspace", status=status)


def _second_step(user: User) -> str:
    """How he would give a code, in words."""
    ways = ways_of(user)
    if ways.app:
        return _("An application; {left} backup codes are left.").format(left=ways.backup)
    return _("Codes go to {address}.").format(address=ways.sms or ways.email) if ways.any else _("None is set up.")


def _groups(typed: Mapping[str, Any], problems: Mapping[str, str], by: Person) -> list[dict[str, Any]]:
    def text(name: str, **more: Any) -> Any:
        return field(name, typed.get(name, ""), problems, type=_TYPES.get(name, "text"), **more)

    def choice(name: str, choices: list[Any], **more: Any) -> Any:
        return field(name, typed.get(name, ""), problems, kind="choice", choices=choices, **more)

    def ticks(name: str, choices: list[Any], hint: str) -> Any:
        return field(name, typed.get(name, set()), problems, kind="ticks", choices=choices, hint=hint)

    none = ("", "—")
    names = [text("last_name", required=True), text("first_name"), text("middle_name"), text("position")]
    access = [
        text("login", required=True, hint=_("A domain may stand before it: C3:eugene.")),
        choice("role", [none, *coded(list_roles())], required=True),
        choice("team", [none, *coded(list_teams())]),
        choice("language", settings.LANGUAGES),
        choice("keeper", list(Keeper.choices)),
    ]
    reached = [text("extension"), text("mobile"), text("home_phone"), text("email")]
    belongs = [
        ticks("projects", coded(list_projects(by=by)), _("In which projects he works.")),
        ticks("groups", coded(list_groups()), _("Rules treat these people differently.")),
    ]
    return [
        {"title": _("Who it is"), "fields": names},
        {"title": _("Access"), "fields": access},
        {"title": _("How to reach him"), "fields": reached},
        {"title": _("Where he belongs"), "fields": belongs},
    ]
