"""The administrator's pages of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.fields.own import typed_in
from perezvon.foundation.fields.selectors import fields_of
from perezvon.foundation.fields.web.small_forms import Asked, FormPage, day_text, typed_day, typed_key
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.foundation.web.words import say
from perezvon.kernel.errors import PerezvonError
from perezvon.modules.catalogue import services
from perezvon.modules.catalogue.models import PRODUCT, Product
from perezvon.modules.catalogue.selectors import NoSuchKind, NoSuchProduct, list_kinds, list_products
from perezvon.modules.catalogue.web.forms import (
    answer,
    asked_code,
    asked_names,
    names,
    own_facts,
    own_groups,
    typed_names,
    typed_own,
)

EDIT = "catalogue.edit"


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
        asked=(*(() if known else (asked_code(),)), *asked_names()),
        hidden={"version": str(known.version if known else 0)},
    )

    def save(given: Mapping[str, str], _errors: dict[str, str]) -> object:
        wanted = services.KindWanted(given.get("code", "").strip().lower(), typed_names(given))
        version = typed_key(given, "version") or 0
        return services.save_kind(kind_id=known.pk if known else None, version=version, wanted=wanted, by=by, now=now)

    return answer(request, page, names(known.name if known else {}), save)


@needs(EDIT)
@require_http_methods(["GET", "POST"])
def product(request: HttpRequest, product_id: int | None = None) -> HttpResponse:
    """One product, or a new one of the kind that `kind` in the address names."""
    by, now = person_of(request), clock.now()
    known = list_products(by=by).filter(pk=product_id).first() if product_id else None
    if product_id and known is None:
        raise NoSuchProduct(product=product_id)
    title = str(known) if known else _("New product")
    all_kinds = list_kinds(by=by)
    kinds = [(str(one.pk), str(one)) for one in all_kinds]
    projects = [("", _("all projects")), *((str(one.pk), str(one)) for one in list_projects(by=by))]
    chosen = request.POST.get("kind", str(known.kind_id) if known else request.GET.get("kind", ""))
    own = fields_of(PRODUCT, by, variant=next((one.code for one in all_kinds if str(one.pk) == chosen), ""))
    page = FormPage(
        title=title,
        group=_("Product"),
        submit=_("Save"),
        back_url=reverse("catalogue:catalogue"),
        steps=_steps(title),
        asked=(
            *(() if known else (asked_code(),)),
            *asked_names(),
            Asked("kind", "choice", kinds, label=_("Kind"), required=True),
            Asked("project", "choice", projects, label=_("Project")),
            Asked("since", "date", label=_("Offered from")),
            Asked("until", "date", label=_("Offered until"), hint=_("Empty: without end.")),
        ),
        hidden={"version": str(known.version if known else 0)},
        more=own_groups(own),
        facts=own_facts(own, known.custom) if known else (),
    )
    first = {"kind": request.GET.get("kind", "")} if known is None else _values(known) | typed_in(known, by)

    def save(given: Mapping[str, str], errors: dict[str, str]) -> object:
        since, until = typed_day(given, "since", errors), typed_day(given, "until", errors)
        if errors:
            return None
        wanted = services.ProductWanted(
            code=given.get("code", "").strip().lower(),
            name=typed_names(given),
            kind_id=typed_key(given, "kind") or 0,
            project_id=typed_key(given, "project"),
            since=since,
            until=until,
            custom=typed_own(request, own),
        )
        version = typed_key(given, "version") or 0
        return services.save_product(
            product_id=known.pk if known else None, version=version, wanted=wanted, by=by, now=now
        )

    return answer(request, page, first, save)


def _values(known: Product) -> dict[str, str]:
    return {
        **names(known.name),
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


@say("catalogue.no_such_place")
def _no_place(_error: PerezvonError) -> str:
    return _("This office, region or settlement is not there, or it is not in use now.")
