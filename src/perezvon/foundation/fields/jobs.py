from __future__ import annotations

from procrastinate.contrib.django import app

from perezvon.foundation.fields.indexes import prepare


@app.task(name="fields.prepare")
def prepare_indexes(kind: str) -> None:
    """Indexes of a kind's fields as they are wanted now."""
    prepare(kind)
