"""Cards of one person: the pairs that were found, two side by side, and back again."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.commands.services import intent
from perezvon.foundation.fields.selectors import visible_fields
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.intents import command_id_of
from perezvon.foundation.web.render import render_page
from perezvon.modules.customers import services
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.selectors import get_customer, get_customer_with_details, list_duplicates
from perezvon.modules.customers.web.forms import in_words
from perezvon.modules.customers.web.words import field_name, reason_words

MERGE = "customers.merge"


@needs(MERGE)
@require_GET
def duplicates(request: HttpRequest) -> HttpResponse:
    """Pairs that the job found and nobody has looked at."""
    rows = [
        {
            "one": pair.one,
            "other": pair.other,
            "reasons": ", ".join(reason_words(reason) for reason in pair.reasons),
            "url": reverse("customers:merge", args=[pair.one_id, pair.other_id]),
        }
        for pair in list_duplicates(by=person_of(request))
    ]
    return render_page(request, "customers/duplicates.html", {"rows": rows}, part="workspace")


@needs(MERGE)
@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, customer_id: UUID, other_id: UUID) -> HttpResponse:
    """Two cards side by side; field by field, which value stays. "two" says that they are two people."""
    by, now = person_of(request), clock.now()
    if request.method == "POST":
        if "two" in request.POST:
            services.dismiss_duplicate(one_id=customer_id, other_id=other_id, by=by, now=now)
        else:
            take = [name for name in request.POST if request.POST[name] == "gone"]
            with intent(command_id=command_id_of(request), why=request.POST.get("why", "")[:500]):
                services.merge_customers(kept_id=customer_id, gone_id=other_id, take=take, by=by, now=now)
        return HttpResponseRedirect(f"{reverse('customers:card', args=[customer_id])}?saved")
    kept = get_customer_with_details(customer_id, by=by)
    gone = get_customer_with_details(other_id, by=by)
    context = {
        "kept": kept,
        "gone": gone,
        "heads": [_head(kept), _head(gone)],
        "choices": _choices(kept, gone, by),
        "swap_url": reverse("customers:merge", args=[other_id, customer_id]),
        "command_id": uuid4(),
    }
    return render_page(request, "customers/merge.html", context, part="workspace")


def _head(customer: Customer) -> dict[str, Any]:
    """What tells the two cards apart."""
    return {
        "customer": customer,
        "points": [point.raw for point in customer.points.all()],
        "counts": _("Documents: {documents}, addresses: {addresses}").format(
            documents=len(customer.documents.all()), addresses=len(customer.addresses.all())
        ),
    }


def _choices(kept: Customer, gone: Customer, by: Person) -> list[dict[str, str]]:
    own = {field.name: field for field in visible_fields(by, kept)}
    return [
        {
            "name": name,
            "label": own[name].label if name in own else field_name(name),
            "kept": in_words(name, pair[0], own, masked=True),
            "gone": in_words(name, pair[1], own, masked=True),
        }
        for name, pair in services.mergeable(kept, gone, by=by).items()
    ]


@needs(MERGE)
@require_POST
def undo(request: HttpRequest, customer_id: UUID, merge_id: int) -> HttpResponse:
    """Two cards again; what was changed since stays where it is, and is told."""
    by = person_of(request)
    get_customer(customer_id, by=by)
    done = services.undo_merge(merge_id=merge_id, by=by, now=clock.now())
    if not done.left:
        return HttpResponseRedirect(f"{reverse('customers:card', args=[customer_id])}?saved")
    context = {
        "kept": done.kept,
        "gone": done.gone,
        "fields": [field_name(one["field"]) for one in done.left if "field" in one],
        "rows": sum("row" in one for one in done.left),
    }
    return render_page(request, "customers/undone.html", context, part="workspace")
