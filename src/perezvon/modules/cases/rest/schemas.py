"""What is sent and answered. Additive changes only."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field

_NO_CHARACTER = frozenset(chr(code) for code in (0, *range(0xD800, 0xE000)))


def _readable(text: str) -> str:
    """The database keeps neither a zero byte nor half a character."""
    if not _NO_CHARACTER.isdisjoint(text):
        raise ValueError("holds a character that cannot be kept")
    return text


Text = Annotated[str, AfterValidator(_readable)]


class CaseIn(Schema):
    """A case to be registered. Codes are those of the administration's pages."""

    model_config = ConfigDict(extra="forbid")

    project: Annotated[Text, Field(max_length=64, description="Code of the project")]
    kind: Annotated[Text, Field(max_length=64, description="Code of the kind of cases")]
    subject: Annotated[Text, Field(min_length=1, max_length=200, description="One line: what it is about")]
    text: Annotated[Text, Field(max_length=20_000, description="Everything that was said")] = ""
    category: Annotated[Text, Field(max_length=64, description="Code of a category of the kind")] = ""
    priority: Annotated[
        Text, Field(max_length=16, description="low, normal, high or urgent; the kind's when empty")
    ] = ""
    customer: Annotated[UUID | None, Field(description="Id of the customer")] = None
    contact: Annotated[
        Text, Field(max_length=254, description="Or a phone number or mailbox by which one customer is known")
    ] = ""
    source: Annotated[Text, Field(max_length=16, description="api, letter or portal: where the customer wrote")] = "api"
    fields: Annotated[
        dict[Annotated[Text, Field(max_length=64)], Annotated[Text, Field(max_length=4_000)]],
        Field(max_length=100, description="Fields of the administrator's own, by their keys"),
    ] = {}


class CaseOut(Schema):
    """A case as its customer may hear of it."""

    id: UUID
    number: Annotated[str, Field(description="As people say it")]
    project: str
    kind: str
    subject: str
    state: str
    stage: Annotated[str, Field(description="open, paused, solved or closed")]
    told: Annotated[dict[str, str], Field(description="What the customer is told of the state, by language")]
    answer: Annotated[str, Field(description="What was last told to the customer; empty when nothing was")]
    customer: UUID | None
    registered_at: datetime
    due_at: datetime | None
    over_at: datetime | None


class Problem(Schema):
    """RFC 9457. code stays as it is; title is for people."""

    type: str
    title: str
    status: int
    code: str
    errors: dict[str, dict[str, str]] | None = None
