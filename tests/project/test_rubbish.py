"""Blueprints with a mistake in them: each part says what is wrong, in words, and changes nothing."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import cycle
from typing import Any

import pytest
from django.db import transaction

from perezvon.foundation.access import System
from perezvon.foundation.configuration.parts import load_parts, parts
from perezvon.foundation.web.words import words_for
from perezvon.kernel.errors import PerezvonError, Refused
from perezvon.modules.accounts.services import ProviderDetails, set_provider
from perezvon.project import blueprint

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BY = System(name="test")
RUBBISH: tuple[Any, ...] = (None, 5, "\u00a7", [], {}, [None], {"\u00a7": None})
GONE = object()

pytestmark = pytest.mark.django_db


def places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands: of each list the first row, of each mapping every word."""
    if above:
        yield above
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*above, key))
    elif isinstance(value, list) and value:
        yield from places(value[0], (*above, 0))


def spoilt(whole: Any, place: tuple[Any, ...], rubbish: Any) -> Any:
    found = copy.deepcopy(whole)
    inside = found
    for step in place[:-1]:
        inside = inside[step]
    if rubbish is GONE:
        del inside[place[-1]]
    else:
        inside[place[-1]] = rubbish
    return found


def test_each_part_answers_rubbish_in_words():
    blueprint.load(blueprint.read("assistance"), now=NOW)
    set_provider(details=ProviderDetails(issuer="https://sso", client_id="x"), secret=None, version=0, by=BY, now=NOW)
    whole = blueprint.export()
    wrong, tried, turns = [], 0, cycle((GONE, *RUBBISH))
    for part in parts():
        said = {key: whole[key] for key in part.keys if key in whole}
        for place in list(places(said))[:24]:
            for rubbish in (next(turns),) if len(place) > 1 else RUBBISH:
                tried += 1
                try:
                    with transaction.atomic():
                        load_parts(blueprint=spoilt(said, place, rubbish), by=BY, now=NOW)
                        transaction.set_rollback(True)
                except Refused as refused:
                    if not words_for(refused) or "KeyError" in words_for(refused):
                        wrong.append((part.name, place, rubbish, words_for(refused)))
                except PerezvonError as other:
                    wrong.append((part.name, place, rubbish, repr(other)))
                except Exception as error:  # noqa: BLE001  (it is what is looked for)
                    wrong.append((part.name, place, rubbish, f"{type(error).__name__}: {error}"[:120]))

    assert tried > 200
    assert wrong == []
