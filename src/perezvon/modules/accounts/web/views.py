from __future__ import annotations

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.people.selectors import find_photo
from perezvon.foundation.people.services import PHOTO_LIMIT_BYTES, change_password, set_photo
from perezvon.foundation.web.guard import actor_of, needs_nothing, needs_sign_in, person_of
from perezvon.foundation.web.render import render_page
from perezvon.foundation.web.words import say, words_for
from perezvon.kernel.errors import NotFound, PerezvonError, Refused
from perezvon.modules.accounts.services import check_password, must_be_himself
from perezvon.modules.accounts.web.sign_in import next_page

ME = "accounts/me.html"
LANGUAGES = {"ru", "en", "uk"}


@needs_nothing("everybody chooses the language he reads")
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("language", "")
    response = HttpResponseRedirect(next_page(request))
    if wanted in LANGUAGES:
        response.set_cookie("django_language", wanted, max_age=31_536_000, samesite="Lax")
        if request.user.is_authenticated:
            request.user.language = wanted
            request.user.save(update_fields=["language"])
    return response


@needs_sign_in("everybody shows his own face")
@require_http_methods(["GET", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """My profile: how colleagues see me, the photo in the top bar (F30.02), and my password."""
    actor = person_of(request)
    context: dict[str, object] = {"person": request.user, "problem": "", "saved": False}
    if request.method == "GET":
        return render_page(request, ME, context, part="workspace")
    file = request.FILES.get("photo")
    try:
        content = file.read(PHOTO_LIMIT_BYTES + 1) if file and "remove" not in request.POST else b""
        context |= {"person": set_photo(content=content, by=actor, now=clock.now()), "saved": True}
    except Refused as refused:
        context["problem"] = words_for(refused)
        return render_page(request, ME, context, part="workspace", status=refused.http_status)
    request.user = context["person"]  # type: ignore[assignment]
    return render_page(request, ME, context, part="workspace")


@needs_sign_in("everybody changes his own password")
@require_POST
def password(request: HttpRequest) -> HttpResponse:
    """Another password, for whoever knows the present one. Other windows of the old one have to sign in again."""
    actor = person_of(request)
    must_be_himself(actor)
    now, context = clock.now(), {"person": request.user, "problem": "", "saved": False, "password_saved": True}
    try:
        check_password(
            login=request.user.get_username(),
            password=request.POST.get("present", "")[:256],
            address=request.META.get("REMOTE_ADDR", ""),
            now=now,
        )
        user = change_password(password=request.POST.get("wanted", "")[:256], by=actor, now=now)
    except Refused as refused:
        context |= {"password_problem": words_for(refused), "password_saved": False}
        return render_page(request, ME, context, part="workspace", status=422)
    update_session_auth_hash(request, user)
    return render_page(request, ME, context, part="workspace")


@needs_nothing("colleagues know each other by sight; strangers get nothing")
def photo(request: HttpRequest, user_id: int) -> HttpResponse:
    found = find_photo(user_id) if isinstance(actor_of(request), Person) else None
    if found is None:
        raise NotFound(user=user_id)
    response = HttpResponse(bytes(found.content), content_type=found.kind)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


@say("people.no_photo")
def _no_photo(error: PerezvonError) -> str:
    return _("This is not a photo that browsers show. JPEG, PNG or WebP, at most {limit} KB.").format(
        limit=error.facts["limit_kb"]
    )


@say("accounts.wrong_code")
def _wrong_code(_error: PerezvonError) -> str:
    return _("This is not the code, or it is good no more. Try again, or have another one sent.")


@say("accounts.sent_just_now")
def _sent_just_now(error: PerezvonError) -> str:
    return _("A code was sent a moment ago. Another one can be sent in {seconds} s.").format(
        seconds=error.facts["seconds"]
    )


@say("accounts.nowhere_to_send")
def _nowhere(_error: PerezvonError) -> str:
    return _("There is no number or address to send a code to. Ask your administrator.")


@say("accounts.not_while_acting")
def _not_while_acting(_error: PerezvonError) -> str:
    return _("Not while you act in another person's name: only the person changes this.")


@say("accounts.wrong_credentials")
def _wrong(error: PerezvonError) -> str:
    return _("Login or password is wrong. Attempts left: {left}.").format(left=error.facts["left"])


@say("accounts.too_many_attempts")
def _too_many(error: PerezvonError) -> str:
    until = date_format(localtime(error.facts["until"]), "H:i")  # type: ignore[arg-type]
    return _("Too many attempts. Try again after {time}, or ask your administrator.").format(time=until)
