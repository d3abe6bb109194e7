"""The question at the end: how content the customer is, by a link that only he has."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from perezvon.foundation.access import Actor, System
from perezvon.foundation.commands.services import command
from perezvon.foundation.messages.models import Channel
from perezvon.foundation.messages.services import Draft, MayNotSend, MessageWrong, queue
from perezvon.kernel.errors import NotFound, Refused
from perezvon.modules.cases.models import Act, Case
from perezvon.modules.cases.selectors import WORK
from perezvon.modules.cases.services.talking import CUSTOMER, address_of, mark_case
from perezvon.modules.cases.services.writing import add_entry, lock, save

CHANGED_FOR = timedelta(days=14)  # so long after the end the customer may answer, and change his answer
MOST_ANSWERS = 10
_signer = signing.Signer(salt="cases.mark")
BY = System(name="customer")


class NotAsked(NotFound):
    """Nobody was asked with this link."""

    code = "cases.not_asked"


class AskedTooLate(Refused):
    """The case is under way again, or was over too long ago, or was answered for too often."""

    code = "cases.asked_too_late"


@command("cases.ask_mark", needs=WORK)
def ask_mark(*, case_id: UUID, by: Actor, now: datetime) -> bool:
    """Ask the customer of a case that is over, once for each end, by mail or else by SMS. Whether he was asked.

    Nobody is asked where the kind does not want it, where he was asked in person, or where we have no address that
    customers could reach (PEREZVON_PUBLIC_URL).
    """
    case = lock(case_id, by)
    wanted = case.kind.asks_mark and case.is_over and case.merged_into_id is None and case.mark is None
    if not wanted or not settings.PUBLIC_URL or case.customer is None or case.over_at is None:
        return False
    if case.entries.filter(act=Act.MARK, at__gte=case.over_at, facts__asked=True).exists():
        return False
    channel = next((one for one in (Channel.EMAIL.value, Channel.SMS.value) if _send(case, one, by, now)), "")
    if channel:
        add_entry(case, Act.MARK, by, now, facts={"asked": True, "channel": channel})
        save(case, now)
    return bool(channel)


def _send(case: Case, channel: str, by: Actor, now: datetime) -> bool:
    to, customer = address_of(case, channel), case.customer
    if not to or customer is None:
        return False
    with override(customer.language):
        subject = _("How did we do? Case {number}").format(number=case.code)
        text = _("Your case {number} is closed. Please tell us how content you are: {address}").format(
            number=case.code, address=link_to(case.pk)
        )
    draft = Draft(channel, to, text, subject, project_id=case.project_id, kind=CUSTOMER, record=customer.pk)
    try:
        queue(draft, by=by, now=now)
    except (MayNotSend, MessageWrong):
        return False
    return True


def link_to(case_id: UUID) -> str:
    """The address of the question; whoever has it may answer for this case, and do nothing else."""
    return f"{settings.PUBLIC_URL}{reverse('cases:public_mark', args=[token_of(case_id)])}"


def token_of(case_id: UUID) -> str:
    return _signer.sign(case_id.hex).replace(":", ".")


def asked_case(token: str, now: datetime) -> Case:
    """The case that a link asks about. Raises NotAsked, AskedTooLate."""
    try:
        key = UUID(hex=_signer.unsign(token.replace(".", ":", 1)))
    except (signing.BadSignature, ValueError):
        raise NotAsked() from None
    case = Case.objects.select_related("kind", "project", "customer").filter(pk=key).first()
    if case is None:
        raise NotAsked()
    answers = case.entries.filter(act=Act.MARK, facts__mark__isnull=False).count()
    if not case.is_over or case.over_at is None or case.over_at < now - CHANGED_FOR or answers >= MOST_ANSWERS:
        raise AskedTooLate()
    return case


def answer_mark(*, token: str, mark: int, words: str, now: datetime) -> Case:
    """What the customer says; said again, the last word counts. Raises NotAsked, AskedTooLate, FieldsWrong."""
    case = asked_case(token, now)
    if (case.mark, case.mark_words) == (mark, words.strip()):
        return case
    return mark_case(case_id=case.pk, mark=mark, words=words, by=BY, now=now)
