"""What people read about a value that cannot be taken; the codes are those of kernel.checks and of fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from perezvon.foundation.web.words import say
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import PerezvonError

type Facts = Mapping[str, object]

_PROBLEMS: dict[str, Callable[[Facts], str]] = {
    "inn.length": lambda _f: _("A tax number has 10 digits for a company, 12 for a person."),
    "inn.checksum": lambda _f: _("The check digits do not agree; look at the last ones again."),
    "snils.length": lambda _f: _("A pension account has 11 digits."),
    "snils.checksum": lambda _f: _("The check digits do not agree; look at the last two again."),
    "ogrn.length": lambda _f: _("A registration number has 13 digits for a company, 15 for an entrepreneur."),
    "ogrn.checksum": lambda _f: _("The check digit does not agree; look at the digits again."),
    "ogrn.form": lambda _f: _("No registration number begins like this."),
    "kpp.form": lambda _f: _("A KPP has nine characters, as 770701001."),
    "bik.length": lambda _f: _("A bank's code (BIK) has nine digits."),
    "bik.form": lambda _f: _("A bank's code (BIK) begins with 0."),
    "account.length": lambda _f: _("A bank account has 20 digits."),
    "account.checksum": lambda _f: _("The account does not go with the bank's code (BIK); look at both again."),
    "edrpou.length": lambda _f: _("An EDRPOU number has eight digits."),
    "edrpou.checksum": lambda _f: _("The check digit does not agree; look at the digits again."),
    "passport.length": lambda _f: _("A passport has ten digits: four of the series, six of the number."),
    "issuer_code.length": lambda _f: _("The code has six digits, as 770-045."),
    "name.signs": lambda _f: _("A name has letters, hyphens and apostrophes only."),
    "name.long": lambda facts: _("No more than {most} letters fit.").format(most=facts["most"]),
    "email.form": lambda _f: _("This is no e-mail address; one looks like name@company.com."),
    "phone.form": lambda _f: _("This is no telephone number; one looks like +7 916 123-45-67."),
    "link.form": lambda _f: _("This is no address of a page; one looks like https://company.com."),
    "date.form": lambda _f: _("A date needs day, month and year, as 14.05.1981."),
    "birth_date.future": lambda _f: _("This day is still to come."),
    "last_day.before": lambda _f: _("The last day is before the first one."),
    "birth_date.old": lambda facts: _("Nobody is older than {most} years.").format(most=facts["most"]),
    "text.long": lambda facts: _("No more than {most} letters fit.").format(most=facts["most"]),
    "number.form": lambda _f: _("This is no number; one looks like 1 234,50."),
    "number.places": lambda facts: _("No more than {most} digits may stand behind the comma.").format(**facts),
    "number.big": lambda _f: _("The number is too large."),
    "number.small": lambda facts: _("Not less than {least}.").format(**facts),
    "number.large": lambda facts: _("Not more than {most}.").format(**facts),
    "number.between": lambda facts: _("A whole number from {least} to {most}.").format(**facts),
    "number.bounds": lambda _f: _("The least value is above the greatest one."),
    "choice.unknown": lambda _f: _("Choose one from the list."),
    "choices.line": lambda facts: _("Line {line}: write it as “code | Russian | English”.").format(**facts),
    "choices.twice": lambda facts: _("The code {again} stands there twice.").format(**facts),
    "choices.none": lambda _f: _("Write at least one choice."),
    "choices.many": lambda facts: _("No more than {most} choices, and codes of 40 letters at most.").format(**facts),
    "choices.tree": lambda _f: _("Only a tree has choices below others: take the hyphens away."),
    "formula.form": lambda _f: _("A formula has keys of number fields, numbers, + - * / and brackets."),
    "formula.unknown": lambda facts: _("There is no number field {key} in use.").format(**facts),
    "formula.needs": lambda facts: _("“{field}” is computed from it; change that one first.").format(**facts),
    "field.required": lambda _f: _("This must be filled in."),
    "fields.many": lambda facts: _("No more than {most} fields fit.").format(**facts),
    "fields.many_indexed": lambda facts: _("No more than {most} fields can be sorted or searched by.").format(**facts),
    "key.form": lambda _f: _("A key has small Latin letters, digits and _, begins with a letter, 30 signs at most."),
    "key.taken": lambda _f: _("There is one with this key already."),
    "label.missing": lambda _f: _("Give it a name in one language at least."),
}


def problem_words(code: str, facts: Facts) -> str:
    """What is wrong, and what to do about it."""
    return _PROBLEMS[code](facts)


@say("fields.wrong")
def _wrong(error: PerezvonError) -> str:
    problems: Mapping[str, Wrong] = error.facts["problems"]  # type: ignore[assignment]
    return " ".join(problem_words(wrong.code, wrong.facts) for wrong in problems.values())


@say("fields.changed")
def _changed(_error: PerezvonError) -> str:
    return _("Somebody else has changed this field meanwhile. Open it again; nothing of yours was saved.")


@say("fields.no_such_field")
def _no_field(_error: PerezvonError) -> str:
    return _("There is no such field.")
