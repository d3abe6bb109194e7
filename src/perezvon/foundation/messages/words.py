"""What people read about messages."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.fields.words import problem_words as common_words
from perezvon.foundation.web.words import say
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import PerezvonError

PROBLEMS: Mapping[str, Promise] = {
    "not_taken": lazy("The other side is away or busy"),
    "forbidden": lazy("It must not be sent"),
    "rejected": lazy("The other side refused it"),
    "unsure": lazy("Perhaps sent: the connection broke off after it was handed over"),
    "settings": lazy("Who carries it is set up wrongly"),
    "undelivered": lazy("It did not reach the receiver"),
    "file_gone": lazy("A file that goes with it is not there any more"),
    "file_unsafe": lazy("A virus was found in a file that goes with it"),
    "file_unscanned": lazy("A file that goes with it was not scanned for viruses yet"),
}
CONNECTORS: Mapping[str, Promise] = {
    "kept": lazy("Nowhere: kept in a file (for trials)"),
    "smtp": lazy("Mail server (SMTP)"),
    "sms_http": lazy("SMS gateway (HTTP)"),
}
SETTINGS: Mapping[str, Promise] = {
    "host": lazy("Server"),
    "port": lazy("Port"),
    "security": lazy("Encryption"),
    "login": lazy("Login"),
    "secret": lazy("Password or token"),
    "sender": lazy("Sender"),
    "sender_name": lazy("Name of the sender"),
    "timeout": lazy("Seconds to wait for an answer"),
    "url": lazy("Address of the gateway"),
    "method": lazy("Method"),
    "form": lazy("Parameters travel as"),
    "parameters": lazy("Parameters, one a line: name = template"),
    "headers": lazy("Headers, one a line: Name: template"),
    "ok": lazy("Taken when the answer has (path=value)"),
    "id_path": lazy("Where the answer has the message's number"),
    "report_id": lazy("In a delivery report: the number"),
    "report_state": lazy("In a delivery report: the state"),
    "delivered": lazy("States that mean delivered"),
    "failed": lazy("States that mean not delivered"),
}
HINTS: Mapping[str, Promise] = {
    "port": lazy("Empty: 587 with STARTTLS, 465 with TLS, 25 without."),
    "parameters": lazy("In a template: {to} {digits} {text} {id} {sender} {secret}"),
    "ok": lazy("Empty: any answer 2xx means taken. Example: status=OK"),
    "id_path": lazy("Example: result.0.id; a full stop for an answer in plain text."),
}
_OURS: Mapping[str, Promise] = {
    "place.unknown": lazy("There is no place {place}; choose one from the list."),
    "file.full": lazy("The files of a letter may take {most} MB together; this is too much."),
    "place.brace": lazy("A brace stands alone; places look like {example}."),
    "sender.taken": lazy("This channel of this project has one already."),
    "secret.again": lazy("Type the password again: it must not be sent to another address unasked."),
    "sms.line": lazy("One of the lines cannot be read."),
    "sms.no_text": lazy("One of the parameters must hold {example}."),
}
_EXAMPLES = {"place.brace": "{customer.name}", "sms.no_text": "{text}"}


def problem_label(code: str) -> str:
    return str(PROBLEMS.get(code, code))


def problem_words(wrong: Wrong) -> str:
    if wrong.code in _OURS:
        return str(_OURS[wrong.code]).format(**{"example": _EXAMPLES.get(wrong.code, ""), **wrong.facts})
    return common_words(wrong.code, wrong.facts)


@say("messages.wrong")
def _wrong(error: PerezvonError) -> str:
    wrong: Wrong = error.facts["wrong"]  # type: ignore[assignment]
    return _("Not sent. {why}").format(why=problem_words(wrong))


@say("messages.may_not_send")
def _may_not(error: PerezvonError) -> str:
    return _("Not sent. {why}").format(why=error.facts["words"])


@say("messages.too_late")
def _late(_error: PerezvonError) -> str:
    return _("It is on its way or over; nothing was changed.")


@say("messages.set_up_wrong")
def _set_up(error: PerezvonError) -> str:
    problems: Mapping[str, Wrong] = error.facts["problems"]  # type: ignore[assignment]
    return " ".join(problem_words(wrong) for wrong in problems.values())


@say("messages.set_up_changed")
def _changed(_error: PerezvonError) -> str:
    return _("Somebody else has changed this meanwhile. Open it again; nothing of yours was saved.")
