"""What administrators read about people, roles and projects."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as N_

from perezvon.foundation.access import declared
from perezvon.foundation.web.words import say
from perezvon.kernel.errors import PerezvonError

type Text = str | Promise

LABELS: dict[str, Text] = {
    "login": lazy("Login"),
    "role": lazy("Role"),
    "first_name": lazy("First name"),
    "last_name": lazy("Last name"),
    "middle_name": lazy("Middle name"),
    "position": lazy("Position"),
    "email": lazy("E-mail"),
    "extension": lazy("Extension"),
    "mobile": lazy("Mobile phone"),
    "home_phone": lazy("Home phone"),
    "language": lazy("Language"),
    "keeper": lazy("Who keeps the password"),
    "team": lazy("Team"),
    "projects": lazy("Projects"),
    "groups": lazy("Groups"),
    "password": lazy("Password"),
    "code": lazy("Code"),
    "name_ru": lazy("Name in Russian"),
    "name_en": lazy("Name in English"),
    "rights": lazy("Rights"),
    "all_projects": lazy("Sees all projects"),
    "sign_in": lazy("Signing in"),
    "trusted_days": lazy("Days a device is trusted"),
    "scopes": lazy("Of whom"),
    "url": lazy("Address"),
    "base": lazy("Where people are searched"),
    "is_on": lazy("People may sign in through it"),
    "start_tls": lazy("Encrypt the connection (StartTLS)"),
    "ca": lazy("Certificates of its authority"),
    "account": lazy("Account that searches"),
    "secret": lazy("Its password (secret)"),
    "person_filter": lazy("Filter that finds a person"),
    "attr_first_name": lazy("Attribute: first name"),
    "attr_last_name": lazy("Attribute: last name"),
    "attr_email": lazy("Attribute: e-mail"),
    "attr_phone": lazy("Attribute: mobile phone"),
    "attr_groups": lazy("Attribute: groups"),
    "issuer": lazy("Address of the provider (issuer)"),
    "client_id": lazy("Our name there (client id)"),
    "scope": lazy("What is asked of it (scope)"),
    "claim_login": lazy("Claim: login"),
    "claim_first_name": lazy("Claim: first name"),
    "claim_last_name": lazy("Claim: last name"),
    "claim_email": lazy("Claim: e-mail"),
    "claim_phone": lazy("Claim: mobile phone"),
    "claim_groups": lazy("Claim: groups"),
    "newcomer_role": lazy("Role of newcomers"),
    "newcomer_projects": lazy("Projects of newcomers"),
    "roles": lazy("Roles by group"),
    "number": lazy("Number"),
    "zone": lazy("Time zone"),
}
MODULES: dict[str, Text] = {
    "accounts": lazy("Signing in"),
    "administration": lazy("Administration"),
    "bulletin": lazy("Announcements"),
    "calendars": lazy("Working calendars"),
    "cases": lazy("Cases"),
    "catalogue": lazy("Products"),
    "configuration": lazy("Configuration"),
    "customers": lazy("Customers"),
    "desk": lazy("Workplace"),
    "fields": lazy("Fields of records"),
    "files": lazy("Files"),
    "imports": lazy("Import of tables"),
    "interactions": lazy("Contacts with customers"),
    "jobs": lazy("Long jobs"),
    "knowledge": lazy("Knowledge base"),
    "documents": lazy("Documents"),
    "scripting": lazy("Scenarios"),
    "rest": lazy("Programming interface"),
    "lists": lazy("Lists"),
    "loans": lazy("Loans"),
    "messages": lazy("SMS and letters"),
    "people": lazy("People and rights"),
    "personal": lazy("One person's data"),
    "records": lazy("Look of cards"),
    "reporting": lazy("Reports"),
    "supervision": lazy("Monitor"),
    "quality": lazy("Quality"),
    "routing": lazy("Queues and states"),
    "search": lazy("Search"),
    "tasks": lazy("Tasks"),
    "telephony": lazy("Telephony"),
    "topics": lazy("Topics"),
    "ui": lazy("Interface"),
}
_PROBLEMS = {
    "login.wrong": N_("Letters, digits and . @ + - _ only; a domain may stand before a colon: C3:eugene."),
    "email.wrong": N_("This is not an e-mail address."),
    "extension.wrong": N_("Digits only, ten at most."),
    "extension.taken": N_("Somebody else has this extension."),
    "mobile.wrong": N_("This is not a telephone number. For example: +7 916 000-21-15."),
    "home_phone.wrong": N_("This is not a telephone number. For example: +7 495 000-21-15."),
    "language.wrong": N_("Choose a language."),
    "keeper.wrong": N_("Choose who keeps the password."),
    "role.missing": N_("Choose a role."),
    "code.wrong": N_("Latin letters, digits, hyphens; no spaces. For example: line1."),
    "code.taken": N_("There is one with this code already."),
    "name.missing": N_("Give it a name."),
    "text.too_long": N_("This is longer than can be kept. Shorten it."),
    "number.taken": N_("A number from 1 up that no other project has."),
    "zone.wrong": N_("Choose a time zone of the list."),
    "scopes.wrong": N_("Choose of the list."),
    "rights.unknown": N_("This version of the product does not know such a right."),
    "url.wrong": N_("Begins with ldap:// or ldaps://, for example ldaps://dc1.bank.ru."),
    "base.missing": N_("Say in which part of the directory people are, for example ou=People,dc=bank,dc=ru."),
    "issuer.wrong": N_("Begins with https://, for example https://sso.bank.ru/realms/bank."),
    "client_id.missing": N_("Say under which name this system is registered there."),
    "scope.wrong": N_("Words with spaces between them; openid is one of them."),
    "claim_login.missing": N_("Say which claim is the login."),
    "person_filter.wrong": N_("An LDAP filter with {login} in it once, for example (sAMAccountName={login})."),
    "roles.wrong": N_("A line for each group: its name there = the code of a role here."),
    "secret.again": N_("Type the password again: it must not be sent to another address unasked."),
    "sign_in.wrong": N_("Choose how people sign in."),
    "trusted_days.wrong": N_("From 0 to 365 days."),
}


def label_of(name: str) -> Text:
    return LABELS.get(name, name)


def module_name(code: str) -> Text:
    return MODULES.get(code, code)


def problem_words(code: str) -> str:
    return _(_PROBLEMS[code]) if code in _PROBLEMS else code


def right_name(code: str) -> str:
    right = declared().get(code)
    return _(right.title) if right else code


@say("accounts.directory_away")
def _directory_away(error: PerezvonError) -> str:
    return _("The company directory does not answer. Try again in a moment, or ask your administrator.") + (
        f" ({error.facts['why']})" if error.facts.get("why") else ""
    )


@say("accounts.provider_away")
def _provider_away(error: PerezvonError) -> str:
    return _("The company sign-in does not answer. Try again in a moment, or ask your administrator.") + (
        f" ({error.facts['why']})" if error.facts.get("why") else ""
    )


@say("accounts.not_admitted")
def _not_admitted(error: PerezvonError) -> str:
    said = _("The company knows you as {login}, but nobody is let in here by that name. Ask your administrator.")
    return said.format(login=error.facts["login"])


@say("identity.not_proven")
def _not_proven(error: PerezvonError) -> str:
    why = " ".join(str(error.facts[name]) for name in ("why", "claim") if error.facts.get(name))
    return _("What came from the company sign-in does not prove who you are ({why}). Ask your administrator.").format(
        why=why
    )


@say("people.weak_password")
def _weak_password(error: PerezvonError) -> str:
    return str(error)


@say("people.login_taken")
def _login_taken(error: PerezvonError) -> str:
    return _("There is a user {login} already.").format(login=error.facts["login"])


@say("people.fields_wrong")
def _fields_wrong(error: PerezvonError) -> str:
    problems: dict[str, str] = error.facts["problems"]  # type: ignore[assignment]
    return " ".join(f"{label_of(name)}: {problem_words(code)}" for name, code in problems.items())


@say("people.outdated")
def _outdated(_error: PerezvonError) -> str:
    return _("Somebody else changed this meanwhile. Open it again; nothing of yours was saved.")


@say("people.last_administrator")
def _last_administrator(_error: PerezvonError) -> str:
    return _("Nobody could give rights after this. Give these rights to somebody else first.")


@say("people.not_yours_to_give")
def _not_yours(error: PerezvonError) -> str:
    if projects := error.facts.get("projects"):
        return _("You do not work in these projects yourself: {names}.").format(names=", ".join(projects))  # type: ignore[arg-type]
    rights: list[str] = error.facts["rights"]  # type: ignore[assignment]
    names = ", ".join(_("all projects") if code == "people.all_projects" else right_name(code) for code in rights)
    return _("You cannot give or take what you have not yourself: {names}.").format(names=names)
