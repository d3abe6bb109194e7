"""Articles of the knowledge base and cases: what is taken for a case, whether it solved it, and what is learnt."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.kernel.errors import Refused
from perezvon.modules.cases.models import Act, CaseEntry
from perezvon.modules.cases.selectors import KIND, WORK
from perezvon.modules.cases.services.writing import lock
from perezvon.modules.knowledge import services as knowledge
from perezvon.modules.knowledge.models import Article, Kind, Use, Verdict
from perezvon.modules.knowledge.selectors import visible_sections

_LONGEST = 2_000


class NoLibrary(Refused):
    """There is no section for solutions: an administrator has to make one."""

    code = "cases.no_library"


@command("cases.take_solution", needs=WORK)
def take_solution(*, case_id: UUID, article_id: UUID, verdict: Verdict, by: Actor, now: datetime) -> Use:
    """An article is taken for the case; later whether it solved it (F12.15). Raises NoSuchCase, NoSuchArticle."""
    lock(case_id, by)
    return knowledge.take(article_id=article_id, subject=KIND, record=case_id, verdict=verdict, by=by, now=now)


@command("cases.write_solution", needs=WORK)
def write_solution(*, case_id: UUID, by: Actor, now: datetime) -> Article:
    """A draft of a solution from what the case says: its subject, what was told to the customer, what colleagues noted.

    It stands in the first library and is anybody's knowledge only once it is approved (F12.19, F12.22). Twice gives
    the first one. Raises NoLibrary, NoSuchCase.
    """
    case = lock(case_id, by)
    known = Use.objects.filter(subject=_WRITTEN_FROM, record=case.pk).select_related("article").first()
    if known is not None:
        return known.article
    library = visible_sections(by).filter(is_library=True).first()
    if library is None:
        raise NoLibrary(case=case_id)
    said = list(case.entries.filter(act__in=[Act.COMMENT, Act.LETTER]).exclude(text="").order_by("at", "id"))
    told = next((entry.text for entry in reversed(said) if entry.is_public), "")
    article = knowledge.write(
        wanted=knowledge.Wanted(
            library.pk,
            case.subject,
            Kind.SOLUTION,
            brief=told[:_LONGEST],
            body=_body(case.text, [entry for entry in said if not entry.is_public]),
            topic_ids=frozenset({case.topic_id} - {None}),  # type: ignore[arg-type]
            product_ids=frozenset({case.product_id} - {None}),  # type: ignore[arg-type]
        ),
        by=by,
        now=now,
    )
    Use.objects.create(article=article, subject=_WRITTEN_FROM, record=case.pk, user_id=by.user_id, at=now)
    return article


_WRITTEN_FROM = "written_from"  # a subject of its own: it is no use that counts


def _body(problem: str, notes: list[CaseEntry]) -> str:
    """HTML; it is cleaned as the article is saved."""
    paragraphs = [problem, *(note.text for note in notes)]
    return "".join(f"<p>{_escaped(line)}</p>" for text in paragraphs for line in text.splitlines() if line.strip())


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
