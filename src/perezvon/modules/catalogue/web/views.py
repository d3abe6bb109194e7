"""The administrator's pages of the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.fields.web.small_forms import Asked, FormPage, day_text, draw, typed_day, typed_key
from perezvon.foundation.fields.words import problem_words
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.foundation.web.words import say
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import PerezvonError
from perezvon.modules.catalogue import services
from perezvon.modules.catalogue.models import Product
from perezvon.modules.catalogue.selectors import NoSuchKind, NoSuchProduct, list_kinds, list_products

EDIT = "catalogue.edit"
_NAMES = {"ru": lazy("Name in Russian"), "en": lazy("Name in English")}

type Save = Callable[[Mapping[str, str], dict[str, str]], object]


@needs(EDIT)
@require_GET
def catalogue(request: HttpRequest) -> HttpResponse:
    """Kinds with their products."""
    today = timezone.localtime(clock.now()).date()
    context = {
        "kinds": [
            {"kind": kind, "products": [{"product": one, "over": _is_over(one, today)} for one in kind.products.all()]}
            for kind in list_kinds(by=person_of(request))
        ],
        "saved": "saved" in request.GET,
    }
    return render_page(request, "catalogue/catalogue.html", context, part="workspace")


def _is_over(product: Product, today: object) -> bool:
    return product.until is not None and product.until < today  # type: ignore[operator]


def _steps(title: str) -> list[dict[str, str]]:
    return [
        {"label": _("Administration"), "url": reverse("administration:home")},
        {"label": _("Products"), "url": reverse("catalogue:catalogue")},
        {"label": title, "url": ""},
    ]


def _answer(request: HttpRequest, page: FormPage, first: Mapping[str, str], save: Save) -> HttpResponse:
    if request.method != "POST":
        return draw(request, page, first, {})
    given = {name: str(value) for name, value in request.POST.items()}
    errors: dict[str, str] = {}
    try:
        save(given, errors)
    except services.FieldsWrong as wrong:
        problems: dict[str, Wrong] = dict(wrong.facts["problems"])  # type: ignore[call-overload]
        errors |= {name: problem_words(one.code, one.facts) for name, one in problems.items()}
    return draw(request, page, given, errors) if errors else HttpResponseRedirect(f"{page.back_url}?saved")


def _names(name: Mapping[str, str]) -> dict[str, str]:
    return {f"name_{code}": name.get(code, "") for code in _NAMES}


def _typed_names(given: Mapping[str, str]) -> dict[str, str]:
    return {code: given.get(f"name_{code}", "") for code in _NAMES}


def _asked_names() -> tuple[Asked, ...]:
    return tuple(Asked(f"name_{code}", label=label, required=code == "ru") for code, label in _NAMES.items())


def _asked_code() -> Asked:
    return Asked(
        "code", label=_("Code"), required=True, hint=_("Small Latin letters; it stays: blueprints and imports name it.")
    )


@needs(EDIT)
@require_http_methods(["GET", "POST"])
def kind(request: HttpRequest, kind_id: int | None = None) -> HttpResponse:
    """One kind, or a new one."""
    by, now = person_of(request), clock.now()
    known = next((one for one in list_kinds(by=by) if one.pk == kind_id), None) if kind_id else None
    if kind_id and known is None:
        raise NoSuchKind(kind=kind_id)
    title = str(known) if known else _("New kind of products")
    page = FormPage(
        title=title,
        group=_("Kind of products"),
        submit=_("Save"),
        back_url=reverse("catalogue:catalogue"),
        steps=_steps(title),
        asked=(*(() if known else (_asked_code(),)), *_asked_names()),
        hidden={"version": str(known.version if known else 0)},
    )

    def save(given: Mapping[str, str], _errors: dict[str, str]) -> object:
        wanted = services.KindWanted(given.get("code", "").strip().lower(), _typed_names(given))
        version = typed_key(given, "version") or 0
        return services.save_kind(kind_id=known.pk if known else None, version=version, wanted=wanted, by=by, now=now)

    return _answer(request, page, _names(known.name if known else {}), save)


@needs(EDIT)
@require_http_methods(["GET", "POST"])
def product(request: HttpRequest, product_id: int | None = None) -> HttpResponse:
    """One product, or a new one of the kind that `kind` in the address names."""
    by, now = person_of(request), clock.now()
    known = list_products(by=by).filter(pk=product_id).first() if product_id else None
    if product_id and known is None:
        raise NoSuchProduct(product=product_id)
    title = str(known) if known else _("New product")
    kinds = [(str(one.pk), str(one)) for one in list_kinds(by=by)]
    projects = [("", _("all projects")), *((str(one.pk), str(one)) for one in list_projects(by=by))]
    page = FormPage(
        title=title,
        group=_("Product"),
        submit=_("Save"),
        back_url=reverse("catalogue:catalogue"),
        steps=_steps(title),
        asked=(
            *(() if known else (_asked_code(),)),
            *_asked_names(),
            Asked("kind", "choice", kinds, label=_("Kind"), required=True),
            Asked("project", "choice", projects, label=_("Project")),
            Asked("since", "date", label=_("Offered from")),
            Asked("until", "date", label=_("Offered until"), hint=_("Empty: without end.")),
        ),
        hidden={"version": str(known.version if known else 0)},
    )
    first = {"kind": request.GET.get("kind", "")} if known is None else _values(known)

    def save(given: Mapping[str, str], errors: dict[str, str]) -> object:
        since, until = typed_day(given, "since", errors), typed_day(given, "until", errors)
        if errors:
            return None
        wanted = services.ProductWanted(
            code=given.get("code", "").strip().lower(),
            name=_typed_names(given),
            kind_id=typed_key(given, "kind") or 0,
            project_id=typed_key(given, "project"),
            since=since,
            until=until,
        )
        version = typed_key(given, "version") or 0
        return services.save_product(
            product_id=known.pk if known else None, version=version, wanted=wanted, by=by, now=now
        )

    return _answer(request, page, first, save)


def _values(known: Product) -> dict[str, str]:
    return {
        **_names(known.name),
        "kind": str(known.kind_id),
        "project": str(known.project_id or ""),
        "since": day_text(known.since),
        "until": day_text(known.until),
    }


@needs(EDIT)
@require_POST
def kind_switch(request: HttpRequest, kind_id: int) -> HttpResponse:
    """Withdraw it with its products, or bring it back."""
    services.switch_kind(kind_id=kind_id, is_active="back" in request.POST, by=person_of(request), now=clock.now())
    return HttpResponseRedirect(f"{reverse('catalogue:catalogue')}?saved")


@needs(EDIT)
@require_POST
def product_switch(request: HttpRequest, product_id: int) -> HttpResponse:
    services.switch_product(
        product_id=product_id, is_active="back" in request.POST, by=person_of(request), now=clock.now()
    )
    return HttpResponseRedirect(f"{reverse('catalogue:catalogue')}?saved")


@say("catalogue.changed")
def _changed(_error: PerezvonError) -> str:
    return _("Somebody else has changed it meanwhile. Open it again; nothing of yours was saved.")


@say("catalogue.no_such_product")
def _no_product(_error: PerezvonError) -> str:
    return _("This product is not there, or it is not offered now.")
