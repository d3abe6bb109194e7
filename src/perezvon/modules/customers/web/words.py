"""Words of the customers' pages: fields, and what may be wrong or odd about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.web.words import say
from perezvon.kernel.errors import PerezvonError
from perezvon.modules.customers.values import Problem

type Text = str | Promise

FIELDS: dict[str, Text] = {
    "kind": lazy("Kind"),
    "last_name": lazy("Last name"),
    "first_name": lazy("First name"),
    "middle_name": lazy("Middle name"),
    "no_middle_name": lazy("There is no middle name"),
    "company_name": lazy("Company"),
    "sex": lazy("Sex"),
    "birth_date": lazy("Date of birth"),
    "birth_country": lazy("Born in (country)"),
    "birth_place": lazy("Born in (town)"),
    "inn": lazy("Tax number"),
    "snils": lazy("Pension account"),
    "region": lazy("Region"),
    "town": lazy("Town"),
    "workplace": lazy("Works at"),
    "position": lazy("Position"),
    "source": lazy("Source of information"),
    "language": lazy("Language"),
    "passport": lazy("Passport"),
    "passport_issued_on": lazy("Issued on"),
    "passport_issuer": lazy("Issued by"),
    "passport_code": lazy("Office code"),
    "address_registered": lazy("Registered address"),
    "address_actual": lazy("Actual address"),
    "address_postal": lazy("Postal address"),
    "phone_contact": lazy("Contact telephone"),
    "phone_mobile": lazy("Mobile"),
    "phone_home": lazy("Home telephone"),
    "phone_work": lazy("Work telephone"),
    "phone_fax": lazy("Fax"),
    "phone_login": lazy("Telephone for sign-in"),
    "email": lazy("E-mail"),
    "site": lazy("Site"),
    "code_word": lazy("Code word"),
    "reason": lazy("Reason"),
}

# What the journal calls its columns, beyond the fields above.
JOURNAL: dict[str, Text] = {
    "created": lazy("The card was made"),
    "status": lazy("Status"),
    "segment": lazy("Segment"),
    "warnings": lazy("Warnings"),
    "project_id": lazy("Project"),
    "deleted_at": lazy("Deleted"),
    "contactpoint.raw": lazy("Telephone, e-mail or site"),
    "contactpoint.extension": lazy("Extension"),
    "contactpoint.struck_reason": lazy("Struck out"),
    "document.number": lazy("Passport"),
    "document.issued_on": lazy("Passport issued on"),
    "document.issuer": lazy("Passport issued by"),
    "document.issuer_code": lazy("Office code"),
    "address.text": lazy("Address"),
    "address.postcode": lazy("Postcode"),
}

SEARCH_FIELDS: dict[str, Text] = {
    "phone": lazy("Telephone"),
    "name": lazy("Full name"),
    "passport": lazy("Passport"),
    "card": lazy("Card number"),
    "account": lazy("Account number"),
    "inn": lazy("Tax number"),
    "email": lazy("E-mail"),
}

_PROBLEMS: dict[str, Callable[[Mapping[str, object]], str]] = {
    "inn.length": lambda _f: _("A tax number has 10 digits for a company, 12 for a person."),
    "inn.checksum": lambda _f: _("The check digits do not agree; look at the last ones again."),
    "snils.length": lambda _f: _("A pension account has 11 digits."),
    "snils.checksum": lambda _f: _("The check digits do not agree; look at the last two again."),
    "passport.length": lambda _f: _("A passport has ten digits: four of the series, six of the number."),
    "issuer_code.length": lambda _f: _("The code has six digits, as 770-045."),
    "name.signs": lambda _f: _("A name has letters, hyphens and apostrophes only."),
    "name.long": lambda facts: _("No more than {most} letters fit.").format(most=facts["most"]),
    "name.missing": lambda _f: _("Type at least a last name or a first name."),
    "company_name.missing": lambda _f: _("Type the name of the company."),
    "middle_name.contradiction": lambda _f: _("Either type a middle name or tick that there is none."),
    "contact.missing": lambda _f: _("Type a telephone or an e-mail, or nobody can reach the customer."),
    "email.form": lambda _f: _("This is no e-mail address; one looks like name@company.com."),
    "phone.form": lambda _f: _("This is no telephone number; one looks like +7 916 123-45-67."),
    "date.form": lambda _f: _("A date needs day, month and year, as 14.05.1981."),
    "birth_date.future": lambda _f: _("This day is still to come."),
    "birth_date.old": lambda facts: _("Nobody is older than {most} years.").format(most=facts["most"]),
    "text.long": lambda facts: _("No more than {most} letters fit.").format(most=facts["most"]),
    "choice.unknown": lambda _f: _("Choose one from the list."),
    "reason.missing": lambda _f: _("Choose a reason."),
    "point.struck": lambda _f: _("The number is struck out; restore it first."),
}

_DOUBTS: dict[str, Text] = {
    "name.mixed_scripts": lazy("Latin and Russian letters are mixed in a name; nobody will find it."),
    "passport.issued_later": lazy("The passport was issued on a day still to come."),
    "passport.issued_early": lazy("The passport was issued before the age of 14."),
    "passport.expired": lazy("By age the passport had to be replaced."),
    "passport.form_year": lazy("The series does not fit the day of issue."),
}


def problem_words(problem: Problem) -> str:
    """What is wrong, and what to do about it."""
    return _PROBLEMS[problem.code](problem.facts)


def doubt_words(code: str) -> str:
    return str(_DOUBTS[code])


def field_name(code: str) -> str:
    return str(FIELDS.get(code) or JOURNAL.get(code) or code)


@say("customers.fields_wrong")
def _wrong(error: PerezvonError) -> str:
    problems: dict[str, Problem] = error.facts["problems"]  # type: ignore[assignment]
    return " ".join(f"{field_name(field)}: {problem_words(problem)}" for field, problem in problems.items())


@say("customers.outdated")
def _outdated(_error: PerezvonError) -> str:
    return _("Somebody changed the card meanwhile. Look at it again.")


@say("customers.no_such_customer")
def _no_customer(_error: PerezvonError) -> str:
    return _("There is no such customer, or he is not open to you.")
