from __future__ import annotations

from uuid import UUID

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import Actor, declare
from perezvon.foundation.access.rights import EXTENDED, INFORMATION, OPERATOR, SUPERVISOR, SYSTEM
from perezvon.foundation.administration.registry import AdminPage, Section, register_admin_page
from perezvon.foundation.files.registry import FileOwner, register_file_owner
from perezvon.foundation.lists.declare import register_list
from perezvon.foundation.personal.registry import register_holder
from perezvon.foundation.records.registry import register_pointer
from perezvon.foundation.search.finders import Finder, Hit, register_finder
from perezvon.foundation.web.places import Place, register_place
from perezvon.modules.documents.lists import Documents, Templates
from perezvon.modules.documents.models import Document
from perezvon.modules.documents.personal import holder
from perezvon.modules.documents.selectors import (
    MAKE,
    MANAGE,
    VIEW,
    find_documents,
    get_template,
    open_document,
)
from perezvon.modules.documents.services import FILE, TEMPLATE_FILE


def _document(key: UUID, by: Actor) -> Model:
    return open_document(key, by=by)


def _template(key: UUID, by: Actor) -> Model:
    return get_template(key, by=by)


def _url(key: UUID) -> str:
    return reverse("documents:document", args=[key])


def _template_url(key: UUID) -> str:
    return reverse("documents:template", args=[key])


def _nobody(_record: Model, _by: Actor) -> bool:
    return False


def register() -> None:
    serving = (OPERATOR, EXTENDED, SUPERVISOR)
    declare(VIEW, _("See documents made for records that one sees"), roles=(*serving, INFORMATION))
    declare(MAKE, _("Make documents from templates and send them"), roles=serving)
    declare(MANAGE, _("Write templates of documents"), roles=(INFORMATION, SYSTEM))
    register_place(Place(lazy("Documents"), "files", "documents:list", VIEW, 89))
    register_list(Documents())
    register_list(Templates())
    register_holder(holder())
    for column in ("record", "customer"):  # of merged cards
        register_pointer(Document, column)
    register_file_owner(FileOwner(FILE, _document, _url, str, _nobody))
    register_file_owner(FileOwner(TEMPLATE_FILE, _template, _template_url, str, _nobody))
    register_finder(Finder("document", lazy("Documents"), VIEW, _hits))
    register_admin_page(
        AdminPage(
            Section.DATA,
            lazy("Templates of documents"),
            lazy("Letters, certificates and forms that are made of the data of a record, as PDF or in Word."),
            "files",
            "documents:templates",
            MANAGE,
            46,
        )
    )


def _hits(text: str, by: Actor, limit: int) -> list[Hit]:
    """By its number."""
    return [Hit(str(one), _url(one.pk), "files", one.about) for one in find_documents(text, by=by)][:limit]
