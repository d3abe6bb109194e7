"""My second step and my devices; acting in another's name; messages that were sent."""

from __future__ import annotations

import re
from copy import copy
from typing import Any

from django.conf import settings
from django.contrib.auth import login as begin_session
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.people.models import User
from perezvon.foundation.people.selectors import get_person
from perezvon.foundation.web.guard import ACTED_BY, actor_of, needs, needs_nothing, needs_sign_in, person_of
from perezvon.foundation.web.render import render_page
from perezvon.foundation.web.words import words_for
from perezvon.kernel.errors import NotFound, Refused
from perezvon.modules.accounts import services
from perezvon.modules.accounts.selectors import list_devices, list_sessions
from perezvon.modules.accounts.web import authenticator
from perezvon.modules.accounts.web.sign_in import messenger, session_key

SHOWN = 100


@needs_sign_in("everybody sees where he is signed in")
@require_GET
def security(request: HttpRequest) -> HttpResponse:
    """How I sign in, and where I am signed in."""
    by = person_of(request)
    return _security(request, by)


def _security(request: HttpRequest, by: Person, problem: str = "", status: int = 200, **more: Any) -> HttpResponse:
    user = get_user(by)
    sessions = [
        {"row": row, "browser": browser_name(row.browser), "is_this": row.session == request.session.session_key}
        for row in list_sessions(by=by)
    ]
    context = {
        "ways": services.ways_of(user),
        "sessions": sessions,
        "devices": [{"row": row, "browser": browser_name(row.browser)} for row in list_devices(by=by, now=clock.now())],
        "sheet": request.session.pop("backup_sheet", None),
        "problem": problem,
        "picture": None,
    } | more
    return render_page(request, "accounts/security.html", context, part="workspace", status=status)


def get_user(by: Person) -> User:
    return User.objects.select_related("role").get(pk=by.id)


@needs_sign_in("everybody sets up his own second step")
@require_POST
def security_act(request: HttpRequest, act: str) -> HttpResponse:
    """begin, confirm or remove the application; a new backup sheet."""
    by, now = person_of(request), clock.now()
    services.must_be_himself(by)
    if act == "begin":
        return _security(request, by, picture=authenticator.begin(by, get_user(by).login, now))
    sheet = authenticator.new_sheet()
    if act == "confirm":
        try:
            services.confirm_authenticator(code=request.POST.get("code", "")[:20], backup_codes=sheet, by=by, now=now)
        except Refused as refused:
            picture = authenticator.begin(by, get_user(by).login, now)
            return _security(request, by, words_for(refused), refused.http_status, picture=picture)
        request.session["backup_sheet"] = sheet
    elif act == "sheet":
        services.renew_backup_codes(backup_codes=sheet, by=by, now=now)
        request.session["backup_sheet"] = sheet
    elif act == "remove":
        services.remove_authenticator(by=by, now=now)
    else:
        raise NotFound(act=act)
    return HttpResponseRedirect(reverse("accounts:security"))


@needs_sign_in("everybody ends his own sessions")
@require_POST
def session_end(request: HttpRequest, session_id: int) -> HttpResponse:
    by = person_of(request)
    services.end_session(session_id=session_id, by=by, now=clock.now())
    return HttpResponseRedirect(reverse("accounts:security"))


@needs_sign_in("everybody forgets his own devices")
@require_POST
def device_forget(request: HttpRequest, device_id: int) -> HttpResponse:
    by = person_of(request)
    services.forget_device(device_id=device_id, by=by, now=clock.now())
    return HttpResponseRedirect(reverse("accounts:security"))


@needs("people.manage")
@require_POST
def reset(request: HttpRequest, user_id: int) -> HttpResponse:
    """He lost his telephone: his application and backup sheet end."""
    by = person_of(request)
    get_person(user_id, by=by)
    services.reset_second_step(user_id=user_id, by=by, now=clock.now())
    return HttpResponseRedirect(f"{reverse('accounts:person', args=[user_id])}?saved")


# --- acting in another's name ---


@needs("people.impersonate")
@require_POST
def act_as(request: HttpRequest, user_id: int) -> HttpResponse:
    """Go on as somebody else. Every page says so, and everything done says who it was."""
    by = person_of(request)
    get_person(user_id, by=by)
    user = services.begin_acting(user_id=user_id, by=by, now=clock.now())
    himself = get_user(by)
    _become(request, user)
    request.session[ACTED_BY] = {"id": by.id, "hash": himself.get_session_auth_hash(), "name": himself.full_name}
    return HttpResponseRedirect(reverse("accounts:me"))


@needs_nothing("whoever acts for somebody becomes himself again")
@require_POST
def act_as_end(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    if not isinstance(by, Person) or not by.behind:
        return HttpResponseRedirect("/")
    himself = User.objects.get(pk=by.behind)
    services.end_acting(user_id=by.id, by=by, now=clock.now())
    _become(request, himself)
    return HttpResponseRedirect(reverse("accounts:person", args=[by.id]))


def _become(request: HttpRequest, user: User) -> None:
    before = request.session.session_key or ""
    unchanged = copy(user)  # signing in changes it
    begin_session(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    services.move_session(unchanged, before, session_key(request))
    request.session["seen"] = clock.now().isoformat()


# --- sent messages ---


@needs("accounts.sent_messages")
@require_GET
def sent_messages(request: HttpRequest) -> HttpResponse:
    """What was sent to people: where no gateway is set up, this is the only place it went to."""
    context = {"messages": messenger().recent(SHOWN)}
    return render_page(request, "accounts/sent_messages.html", context, part="workspace")


_BROWSERS = (
    ("Edg/", "Edge"),
    ("YaBrowser/", "Yandex"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def browser_name(agent: str) -> str:
    """Chrome 142, Windows. What cannot be told is called unknown."""
    named = [(sign, name) for sign, name in _BROWSERS if sign in agent]
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    if not named:
        return system or _("unknown browser")
    sign, name = named[0]
    found = re.search(rf"{re.escape(sign)}(\d+)", agent)
    return ", ".join(part for part in (f"{name} {found[1]}" if found else name, system) if part)
