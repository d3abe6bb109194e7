"""Documents that the demo's people have made: answers to the newest complaints."""

from __future__ import annotations

from datetime import datetime

from perezvon.foundation.people.models import User
from perezvon.modules.cases.models import Case
from perezvon.modules.documents.models import DocumentTemplate
from perezvon.modules.documents.paper import has_pango
from perezvon.modules.documents.services import DocumentWanted, make_document
from perezvon.project.demo.day import id_of

_MADE_OF = (("complaint-answer", 3), ("guarantee-letter", 1))
_SIGNED_BY = "lebedev"


def load_documents(*, now: datetime) -> None:
    """Make what is missing; nothing where PDF cannot be made."""
    if not has_pango():
        return
    signer = User.objects.get(login=_SIGNED_BY)
    for code, count in _MADE_OF:
        template = DocumentTemplate.objects.filter(code=code, is_active=True, current__isnull=False).first()
        if template is None:  # a demo set up before there were any, or somebody tries things out
            continue
        cases = Case.objects.filter(customer__isnull=False, kind__code="complaint").order_by("-created_at", "-id")
        for case in cases[:count]:
            key = id_of("demo document", code, case.number)
            wanted = DocumentWanted(key, template.pk, "case", case.pk, signer.pk)
            make_document(wanted, by=signer.actor(), now=now)
