"""Signing in: login and password, a code where the role asks for one, a password of one's own where it was given."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import login as begin_session
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.people.models import Keeper, SignIn, User
from perezvon.foundation.people.services import WeakPassword, change_password
from perezvon.foundation.web.guard import actor_of, needs_nothing
from perezvon.foundation.web.render import render_page
from perezvon.foundation.web.words import words_for
from perezvon.kernel.errors import Refused, TryLater
from perezvon.modules.accounts import services
from perezvon.modules.accounts.registry import say_farewell
from perezvon.modules.accounts.web import authenticator
from perezvon.ports.messages import Message, Messenger, Way

HOME = "/"
DEVICE = "perezvon_device"
PENDING = "signing_in"
PATIENCE = timedelta(minutes=15)  # for the second step, after which the first is asked for again
_DIGITS, _WITH_CODE = 4, 10
_UNPROCESSABLE = 422


def messenger() -> Messenger:
    made: Messenger = import_string(settings.MESSENGER)()
    return made


@needs_nothing("one must be able to sign in")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The first step; the only one where the role asks for no more."""
    given = request.POST.get("login", "")
    context: dict[str, object] = {"login": given, "next": next_page(request), "problem": "", "told": ""}
    if request.method == "GET":
        return sign_in_page(request, context)
    now = clock.now()
    try:
        known = services.find_login(given[:64])
        if known and known.is_active and known.role.sign_in == SignIn.DIGITS and known.keeper != Keeper.PROVIDER:
            return _by_digits(request, context, now)
        user = services.check_password(
            login=given[:64], password=request.POST.get("password", "")[:256], address=_address(request), now=now
        )
    except (Refused, TryLater) as refused:
        context["problem"] = words_for(refused)
        return sign_in_page(request, context, refused.http_status)
    return go_on(request, user, now, code_given=False)


def sign_in_page(request: HttpRequest, context: dict[str, object], status: int = 200) -> HttpResponse:
    """With the way to the company sign-in, where there is one."""
    context["by_company"] = services.is_provider_on()
    return render_page(request, "accounts/sign_in.html", context, part="form", status=status)


def _by_digits(request: HttpRequest, context: dict[str, object], now: datetime) -> HttpResponse:
    """The two steps of F28.04: login and four digits, then login and the same four with the six of the message."""
    typed = request.POST.get("password", "").strip()[:_WITH_CODE]
    login = str(context["login"])[:64]
    user = services.check_digits(login=login, digits=typed[:_DIGITS], address=_address(request), now=now)
    by = user.actor()
    if len(typed) == _WITH_CODE:
        if not services.take_code(code=typed[_DIGITS:], by=by, now=now):
            services.note_failure(user, address=_address(request), now=now)
            raise services.WrongCode
        return go_on(request, user, now, code_given=True)
    _send(user, "sms", now)
    context["told"] = _("A code was sent to {number}. Type your login again, and the four digits with the six of it.")
    context["told"] = str(context["told"]).format(number=services.ways_of(user).sms)
    return sign_in_page(request, context)


# --- the second step ---


@needs_nothing("whoever gave a right password gives a code here")
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The code: of the application, of a message, or of the backup sheet; one field for all of them."""
    now = clock.now()
    user = _pending(request, now)
    if user is None:
        return HttpResponseRedirect("/sign-in/")
    if not services.ways_of(user).any:
        return HttpResponseRedirect(reverse("accounts:code_setup"))
    if request.method == "GET":
        return _ask_code(request, user)
    try:
        services.must_not_be_locked(login=user.login, address=_address(request), now=now)
        if not services.take_code(code=request.POST.get("code", "")[:40], by=user.actor(), now=now):
            services.note_failure(user, address=_address(request), now=now)
            raise services.WrongCode
    except Refused as refused:
        return _ask_code(request, user, problem=words_for(refused), status=refused.http_status)
    return go_on(request, user, now, code_given=True)


@needs_nothing("whoever gave a right password has a code sent")
@require_POST
def send_code(request: HttpRequest) -> HttpResponse:
    """Send a code by `channel`: sms or email; a minute after the last one at the earliest."""
    now = clock.now()
    user = _pending(request, now)
    if user is None:
        return HttpResponseRedirect("/sign-in/")
    try:
        _send(user, request.POST.get("channel", ""), now)
    except (Refused, TryLater) as refused:
        return _ask_code(request, user, problem=words_for(refused), status=refused.http_status)
    return _ask_code(request, user)


@needs_nothing("whoever gave a right password and has no way to get a code sets one up")
@require_http_methods(["GET", "POST"])
def code_setup(request: HttpRequest) -> HttpResponse:
    """His role asks for a code and there is no way to give one yet: an application is set up before he gets in."""
    now = clock.now()
    user = _pending(request, now)
    if user is None:
        return HttpResponseRedirect("/sign-in/")
    if services.ways_of(user).any:
        return HttpResponseRedirect(reverse("accounts:code"))
    by, problem, status = user.actor(), "", 200
    if request.method == "POST":
        sheet = authenticator.new_sheet()
        try:
            services.confirm_authenticator(code=request.POST.get("code", ""), backup_codes=sheet, by=by, now=now)
        except Refused as refused:
            problem, status = words_for(refused), refused.http_status
        else:
            request.session["backup_sheet"] = sheet
            return go_on(request, user, now, code_given=True, to=reverse("accounts:security"))
    context = {"problem": problem, "picture": authenticator.begin(by, user.login, now)}
    return render_page(request, "accounts/code_setup.html", context, part="form", status=status)


def _ask_code(request: HttpRequest, user: User, problem: str = "", status: int = 200) -> HttpResponse:
    ways = services.ways_of(user)
    context = {
        "ways": ways,
        "problem": problem,
        "trusted_days": user.role.trusted_days,
        "sent": services.sent_to(user),
    }
    return render_page(request, "accounts/code.html", context, part="form", status=status)


def _send(user: User, channel: str, now: datetime) -> None:
    """Outside of any transaction, after the code is kept: a gateway may be slow."""
    address = services.address_for(user, channel)
    digits = f"{secrets.randbelow(10**6):06}"
    services.keep_sent_code(channel=channel, code=digits, by=user.actor(), now=now)
    with override(user.language):
        text = _("Perezvon: your code is {code}. Tell it to nobody; it is good for 5 minutes.").format(code=digits)
        message = Message(Way(channel), address, text, subject=_("Code for signing in"))
    messenger().send(message, now=now)


# --- a password of one's own ---


@needs_nothing("whoever signed in with a password that was given to him chooses his own")
@require_http_methods(["GET", "POST"])
def own_password(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    user = _pending(request, now)
    if user is None or not request.session[PENDING].get("code_given"):
        return HttpResponseRedirect("/sign-in/")
    if request.method == "GET":
        return render_page(request, "accounts/own_password.html", {"problem": ""}, part="form")
    try:
        wanted = request.POST.get("wanted", "")[:256]
        if user.check_password(wanted):
            raise WeakPassword(why=[_("Choose another one than the one you were given.")])
        user = change_password(password=wanted, by=user.actor(), now=now)
    except Refused as refused:
        context = {"problem": words_for(refused)}
        return render_page(request, "accounts/own_password.html", context, part="form", status=_UNPROCESSABLE)
    return go_on(request, user, now, code_given=True)


# --- between the steps ---


def go_on(request: HttpRequest, user: User, now: datetime, *, code_given: bool, to: str = "") -> HttpResponse:
    """To the step that is missing, or in."""
    pending = request.session.get(PENDING) or {}
    goal = to or pending.get("next") or next_page(request)
    trusts = "trust" in request.POST or bool(pending.get("trusts"))
    device = request.COOKIES.get(DEVICE, "")
    needs_code = user.role.sign_in == SignIn.CODE and not services.is_trusted(user, device, now)
    is_done = code_given or not needs_code
    chooses = user.password_is_given and user.keeper == Keeper.PEREZVON  # the others have none of their own here
    if not is_done or chooses:
        request.session[PENDING] = {
            "user": user.pk,
            "at": now.isoformat(),
            "next": goal,
            "code_given": is_done,
            "trusts": trusts,
        }
        return HttpResponseRedirect(reverse("accounts:own_password" if is_done else "accounts:code"))
    return _come_in(request, user, now, goal, trusts=trusts and needs_code)


def _come_in(request: HttpRequest, user: User, now: datetime, goal: str, *, trusts: bool) -> HttpResponse:
    request.session.pop(PENDING, None)
    sheet = request.session.pop("backup_sheet", None)
    begin_session(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    if sheet:
        request.session["backup_sheet"] = sheet
    request.session["seen"] = now.isoformat()
    by, browser = user.actor(), request.headers.get("User-Agent", "")
    services.note_sign_in(session=session_key(request), address=_address(request), browser=browser, by=by, now=now)
    services.forget_failures(user)
    response = HttpResponseRedirect(goal)
    device = secrets.token_urlsafe(32)
    if trusts and (trusted := services.trust_device(device=device, browser=browser, by=by, now=now)):
        response.set_cookie(
            DEVICE,
            device,
            expires=trusted.until,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response


def session_key(request: HttpRequest) -> str:
    """The key of the session. One that was begun in place of another person's has none until it is saved."""
    if not request.session.session_key:
        request.session.save()
    return str(request.session.session_key)


def _pending(request: HttpRequest, now: datetime) -> User | None:
    """Whoever has passed the first step in this browser a moment ago."""
    pending = request.session.get(PENDING)
    if not pending or now - datetime.fromisoformat(pending["at"]) > PATIENCE:
        return None
    return User.objects.select_related("role").filter(pk=pending["user"], is_active=True).first()


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


@needs_nothing("one must be able to sign out")
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    if isinstance(actor, Person):
        if not actor.behind:
            say_farewell(actor, clock.now())
        services.note_sign_out(session=request.session.session_key or "", by=actor, now=clock.now())
    logout(request)
    return HttpResponseRedirect("/sign-in/")


def next_page(request: HttpRequest) -> str:
    """Where somebody wanted to go; home when that is not ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or HOME
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else HOME
