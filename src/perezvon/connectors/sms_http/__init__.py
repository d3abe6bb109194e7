"""Short messages by any gateway that takes them as an HTTP request; what is asked and how answers read is told.

Parameters are lines `name = template`; a template holds {to} (+79161234567), {digits} (79161234567), {text}, {id}
(ours, the same when the message is sent again), {sender} and {secret}. Values are encoded by what carries them, so a
text cannot become another parameter.
"""

from __future__ import annotations

import http.client
import json
import re
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from perezvon.kernel.paths import value_at
from perezvon.ports.messages import (
    Kind,
    Message,
    NotTaken,
    Outcome,
    Receipt,
    Rejected,
    Report,
    Sent,
    Setting,
    Unsure,
    Way,
    WrongSettings,
)

LONGEST_ANSWER = 100_000
PLACES = ("to", "digits", "text", "id", "sender", "secret")
FORMS = ("json", "form", "query")
_SAID = 300
_PLACE = re.compile(r"\{(\w+)\}")
_HEADER = re.compile(r"[A-Za-z0-9-]+")
_LATER = {408, 425, 429}  # the request was well; there are too many of them


@dataclass(frozen=True, slots=True)
class SmsSettings:
    """form: how parameters travel. ok: (path in the answer, value) that says it was taken; without one any 2xx does.

    id_path: where the answer says what it calls the message. report_*: the same of delivery reports.
    """

    url: str
    method: str = "POST"
    form: str = "json"
    parameters: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    secret: str = ""
    sender: str = ""
    ok: tuple[str, str] = ("", "")
    id_path: str = ""
    report_id: str = "id"
    report_state: str = "status"
    delivered: frozenset[str] = frozenset({"delivered"})
    failed: frozenset[str] = frozenset({"failed", "undelivered"})
    timeout_s: float = 20.0


class SmsHttp:
    """A messenger for short messages."""

    def __init__(self, settings: SmsSettings, context: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._context = context or ssl.create_default_context()
        told = [*settings.parameters.values(), *settings.headers.values(), settings.url]
        # Who is told our id can know a repetition by it.
        self.knows_repeats = any("{id}" in template for template in told)

    def send(self, message: Message, *, now: datetime) -> Receipt:
        status, answer = self._ask(message)
        said = " ".join(answer.split())[:_SAID]
        if status >= 500 or status in _LATER:
            raise NotTaken(said=f"{status} {said}")
        if not 200 <= status < 300:
            raise Rejected(said=f"{status} {said}")
        read = _read(answer)
        path, value = self._settings.ok
        if path and _at(read, path) != value:
            raise Rejected(said=said)
        return Receipt(_at(read, self._settings.id_path) if self._settings.id_path else "")

    def recent(self, limit: int) -> Sequence[Sent]:
        return []

    def read_report(self, given: Mapping[str, str]) -> Report | None:
        wanted = self._settings
        key, state = given.get(wanted.report_id, ""), given.get(wanted.report_state, "").lower()
        if not key:
            return None
        outcome = Outcome.UNDER_WAY
        if state in wanted.delivered:
            outcome = Outcome.DELIVERED
        elif state in wanted.failed:
            outcome = Outcome.UNDELIVERED
        return Report(key[:200], outcome, state[:_SAID])

    def _ask(self, message: Message) -> tuple[int, str]:
        wanted, values = self._settings, self._values(message)
        parameters = {name: _filled(template, values) for name, template in wanted.parameters.items()}
        address = urlsplit(wanted.url)
        path = address.path or "/"
        queries = [address.query] if address.query else []
        headers = {name: _filled(template, values) for name, template in wanted.headers.items()}
        body: bytes | None = None
        if wanted.form == "query":
            queries.append(urlencode(parameters))
        elif wanted.form == "form":
            body, headers["Content-Type"] = urlencode(parameters).encode(), "application/x-www-form-urlencoded"
        else:
            body, headers["Content-Type"] = json.dumps(parameters).encode(), "application/json"
        target = path + (f"?{'&'.join(queries)}" if queries else "")
        return self._exchange(address.scheme, address.netloc, target, body, headers)

    def _exchange(
        self, scheme: str, where: str, target: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, str]:
        connection = (
            http.client.HTTPSConnection(where, timeout=self._settings.timeout_s, context=self._context)
            if scheme == "https"
            else http.client.HTTPConnection(where, timeout=self._settings.timeout_s)
        )
        try:
            try:
                connection.connect()
            except OSError as error:
                raise NotTaken(said=_told(error)) from None
            try:
                connection.request(self._settings.method, target, body, dict(headers))
                answer = connection.getresponse()
                return answer.status, answer.read(LONGEST_ANSWER).decode("utf-8", "replace")
            except ValueError as error:  # a header with a line break
                raise Rejected(said=_told(error)) from None
            except (OSError, http.client.HTTPException) as error:
                raise Unsure(said=_told(error)) from None
        finally:
            connection.close()

    def _values(self, message: Message) -> dict[str, str]:
        return {
            "to": message.to,
            "digits": message.to.lstrip("+"),
            "text": message.text,
            "id": message.id,
            "sender": self._settings.sender,
            "secret": self._settings.secret,
        }


def _filled(template: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda found: values.get(found[1], found[0]), template)


def _read(answer: str) -> Any:
    with suppress(ValueError, RecursionError):
        return json.loads(answer)
    return answer


def _at(read: Any, path: str) -> str:
    """What stands at a.b.0.c of JSON; of plain text, the text itself at "."."""
    if path == ".":
        return " ".join(str(read).split())[:200]
    found = value_at(read, path)
    return "" if isinstance(found, dict | list) else _plain(found)


def _plain(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) or value is None else str(value)[:200]


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:_SAID]


# --- settings ---


def make(given: Mapping[str, str]) -> SmsHttp:
    """Raises WrongSettings."""
    url = given.get("url", "").strip()
    address = urlsplit(url)
    if address.scheme not in {"http", "https"} or not address.hostname or not url.isascii():
        raise WrongSettings(name="url", why="link.form")
    method, form = given.get("method", "POST"), given.get("form", "json")
    if method not in {"POST", "GET"} or (method == "GET" and form != "query"):
        raise WrongSettings(name="method", why="choice.unknown")
    if form not in FORMS:
        raise WrongSettings(name="form", why="choice.unknown")
    timeout = given.get("timeout", "") or "20"
    if not timeout.isdecimal() or not 0 < int(timeout[:4]) <= 120:
        raise WrongSettings(name="timeout", why="number.form")
    parameters, headers = _lines("parameters", given, "="), _lines("headers", given, ":")
    if not all(_HEADER.fullmatch(name) for name in headers):
        raise WrongSettings(name="headers", why="sms.line")
    if not any("{text}" in template for template in parameters.values()):
        raise WrongSettings(name="parameters", why="sms.no_text")
    path, _equals, value = given.get("ok", "").partition("=")
    return SmsHttp(
        SmsSettings(
            url=url,
            method=method,
            form=form,
            parameters=parameters,
            headers=headers,
            secret=given.get("secret", ""),
            sender=given.get("sender", "").strip(),
            ok=(path.strip(), value.strip()),
            id_path=given.get("id_path", "").strip(),
            report_id=given.get("report_id", "").strip() or "id",
            report_state=given.get("report_state", "").strip() or "status",
            delivered=_words(given.get("delivered", "")) or frozenset({"delivered"}),
            failed=_words(given.get("failed", "")) or frozenset({"failed", "undelivered"}),
            timeout_s=float(timeout),
        )
    )


def _lines(name: str, given: Mapping[str, str], between: str) -> dict[str, str]:
    found = {}
    for line in given.get(name, "").splitlines():
        key, sign, template = line.partition(between)
        if not line.strip():
            continue
        if not sign or not key.strip() or set(_PLACE.findall(template)) - set(PLACES):
            raise WrongSettings(name=name, why="sms.line")
        found[key.strip()] = template.strip()
    return found


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip().lower() for word in text.split(",") if word.strip())


KIND = Kind(
    "sms_http",
    (Way.SMS,),
    make,
    (
        Setting("url", required=True),
        Setting("method", "choice", "POST", ("POST", "GET")),
        Setting("form", "choice", "json", FORMS),
        Setting("parameters", "lines", "to = {digits}\ntext = {text}\nid = {id}", required=True),
        Setting("headers", "lines", "Authorization: Bearer {secret}"),
        Setting("secret", "secret"),
        Setting("sender"),
        Setting("ok"),
        Setting("id_path", default="id"),
        Setting("report_id", default="id"),
        Setting("report_state", default="status"),
        Setting("delivered", default="delivered"),
        Setting("failed", default="failed, undelivered"),
        Setting("timeout", "number", "20"),
    ),
    reports=True,
)
