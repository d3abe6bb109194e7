"""How conditions and values are kept: as JSON can hold them, and as what they were when they are read again."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator

from perezvon.cores.conditions import Value, Where
from perezvon.cores.conditions import read as read_where


def _where(kept: Any) -> Where:
    return kept if isinstance(kept, Where) else read_where(kept)


def _value(kept: Any) -> Value:
    """Numbers, days, moments and sets stand as {"number": "1.5"} and so on, since texts may look like them."""
    match kept:
        case {"number": str(text)}:
            return Decimal(text)
        case {"moment": str(text)}:
            return datetime.fromisoformat(text)
        case {"day": str(text)}:
            return date.fromisoformat(text)
        case {"set": list(codes)}:
            return frozenset(str(code) for code in codes)
        case None | bool() | str() | int() | Decimal() | date() | frozenset():
            return kept
    raise ValueError("no value")


def _value_kept(value: Value) -> Any:
    match value:
        case bool() | None | str():
            return value
        case int() | Decimal():
            return {"number": str(value)}
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case frozenset():
            return {"set": sorted(value)}


Asked = Annotated[Where, PlainValidator(_where), PlainSerializer(Where.as_list)]
Known = Annotated[Value, PlainValidator(_value), PlainSerializer(_value_kept)]
