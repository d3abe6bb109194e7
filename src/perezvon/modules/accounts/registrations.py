from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import SYSTEM
from perezvon.foundation.administration import AdminPage, register_admin_page
from perezvon.foundation.administration.registry import Section
from perezvon.foundation.lists.declare import register_list
from perezvon.modules.accounts.lists import People


def register() -> None:
    register_list(People())
    declare("accounts.sent_messages", _("Read the messages that were sent to people"), roles=(SYSTEM,))
    declare("accounts.directory", _("Set up the company directory of people and the company sign-in"), roles=(SYSTEM,))
    for page in (
        AdminPage(
            Section.PEOPLE,
            lazy("People"),
            lazy("Who works here: role, team, projects, telephone, password."),
            "users",
            "accounts:people",
            "people.manage",
            10,
        ),
        AdminPage(
            Section.PEOPLE,
            lazy("Roles and rights"),
            lazy("What each role may do, and how its people sign in."),
            "id-badge-2",
            "accounts:roles",
            "people.roles",
            20,
        ),
        AdminPage(
            Section.PEOPLE,
            lazy("Teams and groups"),
            lazy("Who works together, and whom rules treat differently."),
            "users-group",
            "accounts:groups",
            "people.manage",
            30,
        ),
        AdminPage(
            Section.PEOPLE,
            lazy("Projects"),
            lazy("Lines of business: name, number, time zone."),
            "folders",
            "accounts:projects",
            "people.projects",
            40,
        ),
        AdminPage(
            Section.PEOPLE,
            lazy("Why somebody may or may not"),
            lazy("Who, what and with which record: the answer, and what it rests on."),
            "help-circle",
            "accounts:why",
            "people.explain",
            50,
        ),
        AdminPage(
            Section.PEOPLE,
            lazy("Company directory"),
            lazy("People sign in with the login and password of the company: LDAP, Active Directory."),
            "building",
            "accounts:directory",
            "accounts.directory",
            60,
        ),
        AdminPage(
            Section.PEOPLE,
            lazy("Company sign-in"),
            lazy("People sign in with the account of the company: OpenID Connect."),
            "login",
            "accounts:provider",
            "accounts.directory",
            70,
        ),
        AdminPage(
            Section.SYSTEM,
            lazy("Sent messages"),
            lazy("SMS and e-mails to people, with their texts."),
            "mail",
            "accounts:sent_messages",
            "accounts.sent_messages",
            60,
        ),
    ):
        register_admin_page(page)
