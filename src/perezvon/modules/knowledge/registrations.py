from __future__ import annotations

from uuid import UUID

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation import clock
from perezvon.foundation.access import Actor, declare
from perezvon.foundation.access.rights import EXTENDED, INFORMATION, OPERATOR, SUPERVISOR, SYSTEM
from perezvon.foundation.administration.registry import AdminPage, Section, register_admin_page
from perezvon.foundation.files.registry import FileOwner, register_file_owner
from perezvon.foundation.lists.declare import register_list
from perezvon.foundation.web.places import Place, register_place
from perezvon.modules.knowledge.lists import Articles
from perezvon.modules.knowledge.selectors import APPROVE, ARRANGE, VIEW, WRITE, get_article


def _get(article_id: UUID, by: Actor) -> Model:
    return get_article(article_id, by=by, now=clock.now())


def _url(article_id: UUID) -> str:
    return reverse("knowledge:article", args=[article_id])


def register() -> None:
    everybody = (OPERATOR, EXTENDED, SUPERVISOR, INFORMATION, SYSTEM)
    declare(VIEW, _("Read the knowledge base"), roles=everybody)
    declare(WRITE, _("Write drafts for the knowledge base"), roles=(EXTENDED, SUPERVISOR, INFORMATION, SYSTEM))
    declare(APPROVE, _("Approve articles and take them out"), roles=(INFORMATION, SYSTEM))
    declare(ARRANGE, _("Arrange the knowledge base: sections, synonyms"), roles=(INFORMATION, SYSTEM))
    register_place(Place(lazy("Knowledge"), "book", "knowledge:home", VIEW, 55))
    register_list(Articles())
    register_file_owner(FileOwner("article", _get, _url, str, lambda _record, by: by.may(WRITE)))
    register_admin_page(
        AdminPage(
            Section.DATA,
            lazy("Knowledge base"),
            lazy("Sections of the base, words that mean the same, and what was looked for in vain."),
            "book",
            "knowledge:sections",
            ARRANGE,
            60,
        )
    )
