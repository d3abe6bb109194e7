from __future__ import annotations

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.web.guard import actor_of, needs_nothing
from perezvon.foundation.web.render import render_page
from perezvon.foundation.web.words import say, words_for
from perezvon.kernel.errors import PerezvonError, Refused
from perezvon.modules.accounts.registry import say_farewell
from perezvon.modules.accounts.services import check_password

HOME = "/"
LANGUAGES = {"ru", "en"}


@needs_nothing("one must be able to sign in")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    given = request.POST.get("login", "")
    context: dict[str, object] = {"login": given, "next": _next(request), "problem": ""}
    if request.method == "GET":
        return render_page(request, "accounts/sign_in.html", context, part="form")
    address = request.META.get("REMOTE_ADDR", "")
    try:
        user = check_password(
            login=given[:64], password=request.POST.get("password", "")[:256], address=address, now=clock.now()
        )
    except Refused as refused:
        context["problem"] = words_for(refused)
        return render_page(request, "accounts/sign_in.html", context, part="form", status=refused.http_status)
    login(request, user)
    return HttpResponseRedirect(_next(request))


@needs_nothing("one must be able to sign out")
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    if isinstance(actor, Person):
        say_farewell(actor, clock.now())
    logout(request)
    return HttpResponseRedirect("/sign-in/")


@needs_nothing("everybody chooses the language he reads")
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("language", "")
    response = HttpResponseRedirect(_next(request))
    if wanted in LANGUAGES:
        response.set_cookie("django_language", wanted, max_age=31_536_000, samesite="Lax")
        if request.user.is_authenticated:
            request.user.language = wanted
            request.user.save(update_fields=["language"])
    return response


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or HOME
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else HOME


@say("accounts.wrong_credentials")
def _wrong(error: PerezvonError) -> str:
    return _("Login or password is wrong. Attempts left: {left}.").format(left=error.facts["left"])


@say("accounts.too_many_attempts")
def _too_many(error: PerezvonError) -> str:
    until = date_format(localtime(error.facts["until"]), "H:i")  # type: ignore[arg-type]
    return _("Too many attempts. Try again after {time}, or ask your administrator.").format(time=until)
