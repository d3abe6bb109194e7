"""One's own tasks in a calendar program that speaks CalDAV: read, and moved to another time.

As much of RFC 4791 as programs ask for: a principal, one calendar of events, PROPFIND, REPORT (calendar-query and
calendar-multiget), GET, and PUT of an event that is there, which moves its task. The name is the login, the password
the secret that the calendar page made. What is planned anew, ended or handed over is so in Perezvon, not from outside.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring
from zoneinfo import ZoneInfo

from defusedxml import ElementTree as Xml
from defusedxml.common import DefusedXmlException
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from icalendar import Calendar

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.web.guard import needs_nothing
from perezvon.kernel.errors import NotAllowed, PerezvonError
from perezvon.modules.tasks import services
from perezvon.modules.tasks.models import Task
from perezvon.modules.tasks.selectors import VIEW, WRITE, find_feed_owner
from perezvon.modules.tasks.web.planner import MOST, appointments, calendar_of, feed_tasks

DAV, CAL, CS = "DAV:", "urn:ietf:params:xml:ns:caldav", "http://calendarserver.org/ns/"
MOST_BYTES = 100_000
MOST_TAGS = 50  # programs ask for a dozen; each is answered for each task
# Years that have room on both sides for zones and lengths.
FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
LONGEST = timedelta(days=1)  # an event that began as long before a range may still reach into it
_WHY = "calendar programs sign in by HTTP Basic, with the login and a secret of their own; they see one's own tasks"
for _prefix, _space in (("d", DAV), ("c", CAL), ("cs", CS)):
    register_namespace(_prefix, _space)

type Made = Callable[[], Element | str]


@csrf_exempt
@needs_nothing("it only says where the calendar is")
def well_known(request: HttpRequest) -> HttpResponse:
    """RFC 6764: where programs look first."""
    return HttpResponseRedirect(reverse("tasks:dav"))


@csrf_exempt  # no cookie is asked, each request brings the secret
@needs_nothing(_WHY)
def home(request: HttpRequest) -> HttpResponse:
    """The root and the principal in one: who it is, and where his calendar lies."""
    by = _person(request)
    if by is None:
        return _who_are_you()
    with override(by.language):
        if request.method == "PROPFIND":
            rows = [(reverse("tasks:dav"), _of_principal(by))]
            if request.headers.get("Depth", "0") != "0":
                rows.append((reverse("tasks:dav_calendar"), _of_calendar(by)))
            return _multistatus(rows, _asked(request))
        return _options(request)


@csrf_exempt
@needs_nothing(_WHY)
def calendar(request: HttpRequest) -> HttpResponse:
    """The calendar and what is in it."""
    by = _person(request)
    if by is None:
        return _who_are_you()
    with override(by.language):
        match request.method:
            case "PROPFIND":
                rows = [(reverse("tasks:dav_calendar"), _of_calendar(by))]
                if request.headers.get("Depth", "0") != "0":
                    rows += [(_url(task), _of_task(task, with_content=False)) for task in _tasks(by)]
                return _multistatus(rows, _asked(request))
            case "REPORT":
                return _report(request, by)
            case _:
                return _options(request)


@csrf_exempt
@needs_nothing(_WHY)
def event(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """One task. A PUT moves it to the time that the event has then."""
    by = _person(request)
    if by is None:
        return _who_are_you()
    task = next((one for one in _tasks(by) if one.pk == task_id), None)
    if task is None:
        return HttpResponse(status=404)
    with override(by.language):
        match request.method:
            case "GET" | "HEAD":
                response = HttpResponse(_content(task), content_type="text/calendar; charset=utf-8")
                response["ETag"] = _etag(task)
                return response
            case "PUT":
                return _moved(request, task, by)
            case "PROPFIND":
                return _multistatus([(_url(task), _of_task(task))], _asked(request))
            case "DELETE":
                return HttpResponse(status=403)
            case _:
                return _options(request)


# --- who asks -----------------------------------------------------------------------------------------


def _person(request: HttpRequest) -> Person | None:
    kind, _space, given = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        login, _colon, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    user = find_feed_owner(secret)
    by = user.actor() if user is not None and user.login == login.strip().lower() else None
    return by if by is not None and by.may(VIEW) else None


def _who_are_you() -> HttpResponse:
    response = HttpResponse(status=401)
    response["WWW-Authenticate"] = 'Basic realm="Perezvon", charset="UTF-8"'
    return response


def _options(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(status=200 if request.method == "OPTIONS" else 405)
    response["Allow"] = "OPTIONS, GET, HEAD, PUT, PROPFIND, REPORT"
    response["DAV"] = "1, 3, calendar-access"
    return response


# --- what is asked ------------------------------------------------------------------------------------


def _asked(request: HttpRequest) -> list[str] | None:
    """The tags of the properties that are wanted, each once; None of all."""
    root = _body(request)
    wanted = root.find(f"{{{DAV}}}prop") if root is not None else None
    return list(dict.fromkeys(one.tag for one in wanted)) if wanted is not None else None


def _body(request: HttpRequest) -> Element | None:
    if len(request.body) > MOST_BYTES or not request.body.strip():
        return None
    try:
        root: Element = Xml.fromstring(request.body, forbid_dtd=True)
    except (Xml.ParseError, DefusedXmlException, ValueError, LookupError):  # the last of an encoding nobody knows
        return None
    return root


def _report(request: HttpRequest, by: Person) -> HttpResponse:
    root = _body(request)
    if root is None or root.tag not in {f"{{{CAL}}}calendar-query", f"{{{CAL}}}calendar-multiget"}:
        return HttpResponse(status=403)
    tasks = _tasks(by)
    if root.tag.endswith("multiget"):
        hrefs = [one.text or "" for one in root.findall(f"{{{DAV}}}href")][:MOST]
        known = {str(task.pk): task for task in tasks}
        found = [known.get(href.rstrip("/").rpartition("/")[2].removesuffix(".ics")) for href in hrefs]
        gone = [href for href, task in zip(hrefs, found, strict=True) if task is None]
        return _multistatus([(_url(task), _of_task(task)) for task in found if task], _asked(request), gone)
    begins, ends = _range(root)
    shown = [
        task for task in tasks
        if task.due_at and (ends is None or task.due_at < ends) and (begins is None or task.due_at >= begins - LONGEST)
    ]  # fmt: skip
    return _multistatus([(_url(task), _of_task(task)) for task in shown], _asked(request))


def _range(root: Element) -> tuple[datetime | None, datetime | None]:
    found = root.find(f".//{{{CAL}}}time-range")
    given = found.attrib if found is not None else {}
    return _moment(given.get("start", "")), _moment(given.get("end", ""))


def _moment(text: str) -> datetime | None:
    try:
        return min(LAST, max(FIRST, datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)))
    except ValueError:
        return None


def _moved(request: HttpRequest, task: Task, by: Person) -> HttpResponse:
    """412 when somebody has changed it since the program read it; 403 where it is not his to move."""
    if (known := request.headers.get("If-Match")) and known != _etag(task):
        return HttpResponse(status=412)
    times = _times(request.body[:MOST_BYTES])
    if times is None:
        return HttpResponse(status=415)
    begins, length = times
    zone = ZoneInfo(task.zone or task.project.zone)
    try:
        by.must(WRITE)
        services.postpone(
            task_id=task.pk, due=begins.astimezone(zone).replace(tzinfo=None), duration=length, version=task.version,
            by=by, now=clock.now(),
        )  # fmt: skip
    except NotAllowed:
        return HttpResponse(status=403)
    except PerezvonError as refused:
        return HttpResponse(refused.code, status=refused.http_status, content_type="text/plain")
    return HttpResponse(status=204)  # without an ETag: what is kept is not what was sent, so that it is read again


def _times(body: bytes) -> tuple[datetime, int] | None:
    """When the event begins, and its minutes."""
    try:
        found = Calendar.from_ical(body).walk("VEVENT")
        begins = found[0].decoded("DTSTART")
        ends = found[0].decoded("DTEND", begins)
    except (ValueError, IndexError, KeyError):
        return None
    if not isinstance(begins, datetime) or not isinstance(ends, datetime) or begins.tzinfo is None:
        return None  # a whole day is no time
    if not FIRST.year < begins.year < LAST.year:
        return None
    return begins, max(0, int((ends - begins).total_seconds() // 60)) if ends.tzinfo else 0


# --- what is said -------------------------------------------------------------------------------------


def _tasks(by: Person) -> list[Task]:
    return list(feed_tasks(by, clock.now()))


def _url(task: Task) -> str:
    return reverse("tasks:dav_event", args=[task.pk])


def _etag(task: Task) -> str:
    return f'"{task.version}"'


def _content(task: Task) -> bytes:
    return calendar_of(appointments([task], clock.now()))


def _of_principal(by: Person) -> Mapping[str, Made]:
    home = reverse("tasks:dav")
    return {
        f"{{{DAV}}}resourcetype": lambda: _element("resourcetype", DAV, "collection", "principal"),
        f"{{{DAV}}}displayname": lambda: by.name,
        f"{{{DAV}}}current-user-principal": lambda: _link("current-user-principal", DAV, home),
        f"{{{DAV}}}principal-URL": lambda: _link("principal-URL", DAV, home),
        f"{{{CAL}}}calendar-home-set": lambda: _link("calendar-home-set", CAL, home),
    }


def _of_calendar(by: Person) -> Mapping[str, Made]:
    made: dict[str, Made] = {
        f"{{{DAV}}}resourcetype": _calendar_type,
        f"{{{DAV}}}displayname": lambda: _("Perezvon: my tasks"),
        f"{{{DAV}}}current-user-principal": lambda: _link("current-user-principal", DAV, reverse("tasks:dav")),
        f"{{{DAV}}}current-user-privilege-set": _privileges,
        f"{{{CAL}}}supported-calendar-component-set": _components,
        f"{{{CS}}}getctag": lambda: _stamp(_tasks(by)),
    }
    return made


def _of_task(task: Task, *, with_content: bool = True) -> Mapping[str, Made]:
    made: dict[str, Made] = {
        f"{{{DAV}}}resourcetype": lambda: _element("resourcetype", DAV),
        f"{{{DAV}}}getetag": lambda: _etag(task),
        f"{{{DAV}}}getcontenttype": lambda: "text/calendar; component=vevent",
    }
    if with_content:
        made[f"{{{CAL}}}calendar-data"] = lambda: _content(task).decode()
    return made


def _stamp(tasks: Iterable[Task]) -> str:
    """Another one whenever anything in the calendar is another."""
    return sha256(" ".join(f"{task.pk}:{task.version}" for task in tasks).encode()).hexdigest()[:32]


def _calendar_type() -> Element:
    made = _element("resourcetype", DAV, "collection")
    SubElement(made, f"{{{CAL}}}calendar")
    return made


def _components() -> Element:
    made = Element(f"{{{CAL}}}supported-calendar-component-set")
    SubElement(made, f"{{{CAL}}}comp", name="VEVENT")
    return made


def _privileges() -> Element:
    made = Element(f"{{{DAV}}}current-user-privilege-set")
    for name in ("read", "write-content"):
        SubElement(SubElement(made, f"{{{DAV}}}privilege"), f"{{{DAV}}}{name}")
    return made


def _element(name: str, space: str, *inside: str) -> Element:
    made = Element(f"{{{space}}}{name}")
    for one in inside:
        SubElement(made, f"{{{DAV}}}{one}")
    return made


def _link(name: str, space: str, url: str) -> Element:
    made = Element(f"{{{space}}}{name}")
    SubElement(made, f"{{{DAV}}}href").text = url
    return made


def _multistatus(
    rows: Sequence[tuple[str, Mapping[str, Made]]], asked: Sequence[str] | None, gone: Sequence[str] = ()
) -> HttpResponse:
    """RFC 4918 §13: for each thing what it has of what was asked, and what it has not. 400 of too many properties."""
    if asked is not None and len(asked) > MOST_TAGS:
        return HttpResponse(status=400)
    root = Element(f"{{{DAV}}}multistatus")
    for url, known in rows:
        row = SubElement(root, f"{{{DAV}}}response")
        SubElement(row, f"{{{DAV}}}href").text = url
        tags = list(known) if asked is None else list(asked)
        _propstat(row, [(tag, known[tag]) for tag in tags if tag in known], "200 OK")
        _propstat(row, [(tag, lambda: "") for tag in tags if tag not in known], "404 Not Found")
    for url in gone:
        row = SubElement(root, f"{{{DAV}}}response")
        SubElement(row, f"{{{DAV}}}href").text = url
        SubElement(row, f"{{{DAV}}}status").text = "HTTP/1.1 404 Not Found"
    content = tostring(root, encoding="utf-8", xml_declaration=True)
    response = HttpResponse(content, status=207, content_type="application/xml; charset=utf-8")
    response["DAV"] = "1, 3, calendar-access"
    response["Cache-Control"] = "private, no-store"
    return response


def _propstat(row: Element, found: Sequence[tuple[str, Made]], status: str) -> None:
    if not found:
        return
    group = SubElement(row, f"{{{DAV}}}propstat")
    props = SubElement(group, f"{{{DAV}}}prop")
    for tag, make in found:
        made = make()
        if isinstance(made, str):
            SubElement(props, tag).text = made
        else:
            props.append(made)
    SubElement(group, f"{{{DAV}}}status").text = f"HTTP/1.1 {status}"
