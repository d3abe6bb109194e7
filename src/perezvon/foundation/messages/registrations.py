from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _
from django.utils.translation import override

from perezvon.foundation.access import Person, declare
from perezvon.foundation.access.rights import EXTENDED, INFORMATION, OPERATOR, SUPERVISOR, SYSTEM
from perezvon.foundation.administration.registry import AdminPage, Section, register_admin_page
from perezvon.foundation.lists.declare import register_list
from perezvon.foundation.messages.lists import Messages
from perezvon.foundation.messages.models import Message
from perezvon.foundation.messages.personal import holder
from perezvon.foundation.messages.registry import About, Placeholder, register_placeholder
from perezvon.foundation.messages.selectors import MANAGE, SEND, SET_UP, VIEW
from perezvon.foundation.personal.registry import register_holder
from perezvon.foundation.records.registry import register_pointer
from perezvon.kernel.texts import text_in


def register() -> None:
    declare(SEND, _("Send SMS and letters"), roles=(OPERATOR, EXTENDED, SUPERVISOR))
    declare(VIEW, _("See all messages that were sent"), roles=(SUPERVISOR, INFORMATION, SYSTEM))
    declare(MANAGE, _("Write templates of messages"), roles=(INFORMATION,))
    declare(SET_UP, _("Set up who carries messages"), roles=(SYSTEM,))
    register_pointer(Message, "record")
    register_holder(holder())
    register_list(Messages())
    for page in _pages():
        register_admin_page(page)
    for placeholder in _placeholders():
        register_placeholder(placeholder)


def _pages() -> list[AdminPage]:
    sent = lazy("What was sent to whom, what waits, and what did not go; try again or cancel.")
    templates = lazy("Texts of SMS and letters with places for the customer's data.")
    senders = lazy("The mail server and the SMS gateway, for all projects or for one.")
    return [
        AdminPage(Section.SYSTEM, lazy("Messages"), sent, "mail", "messages:list", VIEW, 40),
        AdminPage(Section.DATA, lazy("Templates of messages"), templates, "message", "messages:templates", MANAGE, 50),
        AdminPage(Section.SYSTEM, lazy("Who carries messages"), senders, "send", "messages:senders", SET_UP, 41),
    ]


def _placeholders() -> list[Placeholder]:
    return [
        Placeholder("project.name", lazy("Project"), _project_name, lazy("Credit line")),
        Placeholder("project.number", lazy("Number of the project"), _project_number, "101"),
        Placeholder("operator.name", lazy("Who sends it"), _operator, lazy("Olga Ivanova")),
        Placeholder("today", lazy("Today's date"), _today, lazy("22.11.2026")),
    ]


def _project_name(about: About) -> str:
    return text_in(about.project.name, about.language) if about.project else ""


def _project_number(about: About) -> str:
    return str(about.project.number) if about.project else ""


def _operator(about: About) -> str:
    return about.by.name if isinstance(about.by, Person) else ""


def _today(about: About) -> str:
    with override(about.language):
        return date_format(localtime(about.now), "SHORT_DATE_FORMAT")
