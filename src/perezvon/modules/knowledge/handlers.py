from __future__ import annotations

from datetime import datetime

from perezvon.foundation.files.events import FilesChanged
from perezvon.foundation.outbox.handlers import handles
from perezvon.modules.knowledge.selectors import FILES_KIND
from perezvon.modules.knowledge.services import index_files


@handles(FilesChanged)
def make_words_of_files_findable(event: FilesChanged, now: datetime) -> None:
    if event.kind == FILES_KIND:
        index_files(event.record)
