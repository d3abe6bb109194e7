"""Words of the customers' pages: fields, and what may be wrong or odd about them."""

from __future__ import annotations

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.fields.words import problem_words as fields_words
from perezvon.foundation.web.words import say
from perezvon.kernel.errors import PerezvonError
from perezvon.modules.customers.models import CardType
from perezvon.modules.customers.permission import Refusal, Why
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
    "card_type": lazy("Card type"),
    "code_word": lazy("Code word"),
    "number": lazy("CRM ID"),
    "comment": lazy("Comment"),
    "status": lazy("Status"),
    "warning": lazy("Warning"),
    "last_day": lazy("Last day"),
    "relation": lazy("Linked card"),
    "influence": lazy("Influence on decisions"),
    "office": lazy("Office of service"),
    "channel": lazy("Prefers"),
    "time": lazy("Best time"),
    "orders": lazy("Of orders"),
    "service": lazy("Of service"),
    "note": lazy("Remark"),
    "document": lazy("Document"),
    "document_number": lazy("Document number"),
    "document_issued_on": lazy("Issued on"),
    "document_issuer_code": lazy("Office code"),
    "address_use": lazy("Kind of address"),
    "address_country": lazy("Country"),
    "address_postcode": lazy("Postcode"),
    "address_region": lazy("Region"),
    "address_town": lazy("Town"),
    "address_line": lazy("Street, house, flat"),
    "address_note": lazy("Remark"),
    "reason": lazy("Reason"),
    "word": lazy("The customer"),
    "purpose": lazy("Purpose"),
    "contact_channel": lazy("Channel"),
    "said_on": lazy("Said on"),
    "consent_source": lazy("How it was obtained"),
    "proof": lazy("Proof"),
    "address": lazy("Telephone or e-mail"),
    "ban_source": lazy("Who wants it"),
    "representative_card": lazy("Number of his card"),
    "representative_name": lazy("Full name"),
    "authority": lazy("Authority"),
    "authority_document": lazy("Its document"),
    "authority_scope": lazy("What it covers"),
    "since": lazy("From"),
    "contract_number": lazy("Number of the contract"),
    "product": lazy("Product"),
    "partner_card": lazy("Card of the partner"),
    "contract_state": lazy("State"),
    "signed_on": lazy("Signed on"),
    "begins_on": lazy("In force from"),
    "ends_on": lazy("Last day"),
    "sum": lazy("Sum"),
    "currency": lazy("Currency"),
    "tariff": lazy("Tariff"),
    "what": lazy("What happened"),
    "on": lazy("Day"),
    "project": lazy("Project"),
    "purpose_code": lazy("Code"),
    "purpose_name_ru": lazy("Name in Russian"),
    "purpose_name_en": lazy("Name in English"),
    "url": lazy("Address asked"),
    "header": lazy("Header with the token"),
    "secret": lazy("Token"),
    "needs_consent": lazy("Nobody is contacted for it without consent"),
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
    "address.country": lazy("Country"),
    "address.region": lazy("Region"),
    "address.town": lazy("Town"),
    "address.line": lazy("Street, house, flat"),
    "address.note": lazy("Remark on an address"),
    "address.is_current": lazy("Address is current"),
    "document.is_current": lazy("Document is current"),
    "contactpoint.note": lazy("Remark on a contact"),
    "preferences": lazy("Preferences"),
    "office_id": lazy("Office of service"),
    "outside_key": lazy("Key in the company's base"),
    "merged_into_id": lazy("Merged into another card"),
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

_PROBLEMS: dict[str, Text] = {
    "name.missing": lazy("Type at least a last name or a first name."),
    "company_name.missing": lazy("Type the name of the company."),
    "middle_name.contradiction": lazy("Either type a middle name or tick that there is none."),
    "contact.missing": lazy("Type a telephone or an e-mail, or nobody can reach the customer."),
    "last_day.past": lazy("The last day is over already."),
    "relation.self": lazy("This is the same card."),
    "address.missing": lazy("Type a town or a street at least."),
    "reason.missing": lazy("Choose a reason."),
    "sources.many": lazy("There are too many of them."),
    "day.future": lazy("This day is still to come."),
    "last_day.before": lazy("The last day is before the first one."),
    "address.unreadable": lazy("Type a telephone number or an e-mail."),
    "contract.taken": lazy("The customer has a contract with this number already."),
    "card.unknown": lazy("There is no card with this number, or it is not open to you."),
    "code.form": lazy("A code has small Latin letters, digits and _, 32 signs at most."),
    "code.taken": lazy("There is one with this code already."),
    "outside.url": lazy("An address begins with https:// or http:// and has {phone} where the number goes."),
    "outside.header": lazy("A header looks like this: Authorization: Bearer {secret}"),
    "outside.path": lazy("A path has Latin letters, digits, full stops and the like: found.0.id"),
    "outside.key": lazy("Say where the answer has the customer's key."),
    "outside.facts": lazy("One of the lines cannot be read: label = path"),
    "outside.taken": lazy("This project has one already."),
    "secret.again": lazy("Type the token again: it must not be sent to another address unasked."),
    "point.struck": lazy("The number is struck out; restore it first."),
}

_REASONS: dict[str, Text] = {
    "inn": lazy("same tax number"),
    "snils": lazy("same pension account"),
    "passport": lazy("same passport"),
    "name": lazy("same name and date of birth"),
    "phone": lazy("same telephone"),
    "email": lazy("same e-mail"),
}

PREFERENCES: dict[str, Text] = {
    "phone": lazy("by telephone"),
    "email": lazy("by e-mail"),
    "sms": lazy("by SMS"),
    "messenger": lazy("by messenger"),
    "letter": lazy("by letter"),
    "morning": lazy("in the morning"),
    "day": lazy("in the daytime"),
    "evening": lazy("in the evening"),
    "weekend": lazy("at the weekend"),
}

_DOUBTS: dict[str, Text] = {
    "name.mixed_scripts": lazy("Latin and Russian letters are mixed in a name; nobody will find it."),
    "passport.issued_later": lazy("The passport was issued on a day still to come."),
    "passport.issued_early": lazy("The passport was issued before the age of 14."),
    "passport.expired": lazy("By age the passport had to be replaced."),
    "passport.form_year": lazy("The series does not fit the day of issue."),
}


def refusal_words(refusal: Refusal) -> str:
    """Why somebody must not be contacted, in a sentence."""
    until = _(" until {day}").format(day=date_format(refusal.until, "SHORT_DATE_FORMAT")) if refusal.until else ""
    reason = f": {refusal.reason}" if refusal.reason else ""
    match refusal.why:
        case Why.PERSON_BANNED:
            return _("The customer is not to be contacted{until}{reason}.").format(until=until, reason=reason)
        case Why.ADDRESS_BANNED:
            return _("This number is not to be used{until}{reason}.").format(until=until, reason=reason)
        case Why.WITHDRAWN:
            return _("The customer does not agree to be contacted for this purpose.")
        case Why.ENDED:
            return _("The customer's consent is over{until}.").format(until=until)
    return _("The customer has not agreed to be contacted for this purpose.")


@say("customers.contact_refused")
def _contact_refused(error: PerezvonError) -> str:
    refusal: Refusal = error.facts["refusal"]  # type: ignore[assignment]
    return refusal_words(refusal)


@say("customers.base_away")
def _base_away(error: PerezvonError) -> str:
    return _("The base “{source}” does not answer now ({why}). Nothing was saved.").format(**error.facts)


@say("customers.outside_gone")
def _outside_gone(_error: PerezvonError) -> str:
    return _("The company's base does not show this customer any more. Nothing was saved.")


@say("customers.outside_source_changed")
def _outside_changed(_error: PerezvonError) -> str:
    return _("Somebody else has changed this base meanwhile. Open it again; nothing of yours was saved.")


@say("customers.contract_changed")
def _contract_changed(_error: PerezvonError) -> str:
    return _("Somebody else has changed this contract meanwhile. Open it again; nothing of yours was saved.")


@say("customers.purpose_changed")
def _purpose_changed(_error: PerezvonError) -> str:
    return _("Somebody else has changed this purpose meanwhile. Open it again; nothing of yours was saved.")


def problem_words(problem: Problem) -> str:
    """What is wrong, and what to do about it."""
    if problem.code == "postcode.form":
        return _("There is no such postcode in that country; one looks like {example}.").format(**problem.facts)
    own = _PROBLEMS.get(problem.code)
    return str(own) if own else fields_words(problem.code, problem.facts)


def reason_words(reason: str) -> str:
    """Why two cards may be one person's."""
    return str(_REASONS[reason])


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


@say("customers.locked_by_type")
def _locked(error: PerezvonError) -> str:
    return locked_words(str(error.facts["card_type"]))


def locked_words(card_type: str) -> str:
    """Why personal data of a card of this type stay as they are."""
    kind = CardType(card_type).label
    return _("Personal data of a card of the type “{type}” are changed only by the system they come from.").format(
        type=kind
    )


@say("customers.office_only")
def _office_only(_error: PerezvonError) -> str:
    return _("Recommendations are entered by office staff only. An administrator can put you into that group.")


@say("customers.cannot_merge")
def _cannot_merge(error: PerezvonError) -> str:
    match error.facts["why"]:
        case "same":
            return _("This is the same card.")
        case "projects":
            return _("Cards of two projects cannot become one card.")
    return _("A person and a company cannot become one card.")


@say("customers.cannot_undo")
def _cannot_undo(error: PerezvonError) -> str:
    match error.facts["why"]:
        case "late":
            return _("Cards can be made two again for 30 days only.")
        case "done":
            return _("The cards are two again already.")
    return _("This card was merged again since; undo that first.")
