"""Against a real HTTP server on this machine that plays a gateway."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest

from perezvon.connectors.sms_http import KIND, SmsHttp, make
from perezvon.ports.contracts import messages as contract
from perezvon.ports.messages import Message, NotTaken, Outcome, Rejected, Way, WrongSettings

PARAMETERS = "to = {to}\ntext = {text}\nid = {id}\nfrom = {sender}"


@dataclass
class Sms:
    to: str
    text: str
    id: str
    subject: str = ""
    sender: str = ""
    authorization: str = ""
    content_type: str = ""


class Gateway:
    """It takes JSON, forms and queries, and has moods."""

    way = Way.SMS
    address = "+79161234567"

    def __init__(self) -> None:
        self.mood, self.got, self.given = "well", [], {}
        self.said: tuple[int, bytes] = (200, b'{"status": "OK", "result": [{"id": 77}]}')
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                gateway.hear(self)

            do_GET = do_POST

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def hear(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length", 0))).decode()
        kind = request.headers.get("Content-Type", "")
        if kind == "application/json":
            fields = json.loads(body)
        else:
            fields = dict(parse_qsl(body or urlsplit(request.path).query, keep_blank_values=True))
        status, answer = {"well": self.said, "later": (503, b"busy"), "never": (400, b"bad number")}.get(
            self.mood, (0, b"")
        )
        if self.mood == "silence":
            request.close_connection = True
            return
        if self.mood == "well":
            self.got.append(
                Sms(
                    fields["to"],
                    fields["text"],
                    fields.get("id", ""),
                    sender=fields.get("from", ""),
                    authorization=request.headers.get("Authorization", ""),
                    content_type=kind,
                )
            )
        request.send_response(status)
        request.send_header("Content-Length", str(len(answer)))
        request.end_headers()
        request.wfile.write(answer)

    @property
    def messenger(self) -> SmsHttp:
        url = f"http://127.0.0.1:{self.server.server_port}/send?account=5"
        return make({"url": url, "parameters": PARAMETERS, "timeout": "2", **self.given})

    def arrived(self) -> list[Sms]:
        return self.got

    def answer(self, how: str) -> None:
        self.mood = how

    def leave(self) -> None:
        self.server.shutdown()
        self.thread.join(5)
        self.server.server_close()


@pytest.fixture
def bench() -> Iterator[Gateway]:
    gateway = Gateway()
    yield gateway
    if gateway.thread.is_alive():
        gateway.leave()


@pytest.fixture(params=["json", "form", "query"])
def form(request, bench) -> str:
    bench.given = {"form": request.param} | ({"method": "GET"} if request.param == "query" else {})
    return request.param


@pytest.mark.usefixtures("form")
class TestCarries(contract.Carries):
    has_subjects = False


class TestTellsFailures(contract.TellsFailures):
    pass


def sms(text: str = "text", **more: str) -> Message:
    return Message(Way.SMS, more.pop("to", Gateway.address), text, id=more.pop("id", "0192"))


class TestSmsHttp:
    def test_the_token_goes_in_a_header_and_the_id_comes_back(self, bench):
        bench.given = {
            "headers": "Authorization: Bearer {secret}",
            "secret": "s3cret",
            "sender": "BANK",
            "id_path": "result.0.id",
            "ok": "status=OK",
        }
        receipt = bench.messenger.send(sms(), now=contract.NOON)

        [got] = bench.arrived()
        assert (got.authorization, got.sender) == ("Bearer s3cret", "BANK")
        assert receipt.provider_id == "77"

    def test_a_gateway_that_says_no_with_a_200_is_understood(self, bench):
        bench.given = {"ok": "status=OK"}
        bench.said = (200, b'{"status": "ERROR", "reason": "no money"}')

        with pytest.raises(Rejected) as refused:
            bench.messenger.send(sms(), now=contract.NOON)
        assert "no money" in str(refused.value.facts["said"])

    @pytest.mark.parametrize("status", [429, 500, 502])
    def test_too_many_and_a_broken_gateway_are_tried_later(self, bench, status):
        bench.said = (status, b"later")
        with pytest.raises(NotTaken):
            bench.messenger.send(sms(), now=contract.NOON)

    @pytest.mark.parametrize("answer", [b"", b"\xff\xfe\0", b"[" * 100_000, b'{"id": {"a": 1}}', b"null", b"7"])
    def test_no_answer_breaks_it(self, bench, answer):
        bench.given, bench.said = {"id_path": "id"}, (200, answer)

        assert bench.messenger.send(sms(), now=contract.NOON).provider_id == ""

    def test_a_plain_answer_can_be_the_id(self, bench):
        bench.given, bench.said = {"id_path": "."}, (200, b"accepted 15\n")

        assert bench.messenger.send(sms(), now=contract.NOON).provider_id == "accepted 15"

    def test_no_redirect_is_followed(self, bench):
        bench.said = (302, b"elsewhere")
        with pytest.raises(Rejected):
            bench.messenger.send(sms(), now=contract.NOON)

    def test_knows_repeats_only_where_the_gateway_is_told_our_id(self, bench):
        assert bench.messenger.knows_repeats
        bench.given = {"parameters": "to = {to}\ntext = {text}"}
        assert not bench.messenger.knows_repeats

    @pytest.mark.parametrize(
        ("state", "outcome"),
        [
            ("Delivered", Outcome.DELIVERED),
            ("FAILED", Outcome.UNDELIVERED),
            ("queued", Outcome.UNDER_WAY),
            ("", Outcome.UNDER_WAY),
        ],
    )
    def test_reports_are_read(self, bench, state, outcome):
        report = bench.messenger.read_report({"id": "77", "status": state})

        assert report is not None
        assert (report.provider_id, report.outcome) == ("77", outcome)
        assert bench.messenger.read_report({"status": state}) is None


class TestSettings:
    @pytest.mark.parametrize(
        ("wrong", "name"),
        [
            ({"url": "file:///etc/passwd"}, "url"),
            ({"url": "not a url"}, "url"),
            ({"method": "DELETE"}, "method"),
            ({"method": "GET", "form": "json"}, "method"),
            ({"form": "soap"}, "form"),
            ({"parameters": "to = {to}"}, "parameters"),
            ({"parameters": "text = {text}\nbroken"}, "parameters"),
            ({"parameters": "text = {text} {unknown}"}, "parameters"),
            ({"headers": "X Y: 1"}, "headers"),
            ({"timeout": "0"}, "timeout"),
        ],
    )
    def test_what_makes_no_sense_is_told_by_its_name(self, wrong, name):
        with pytest.raises(WrongSettings) as refused:
            make({"url": "http://127.0.0.1/send", "parameters": PARAMETERS, **wrong})
        assert refused.value.facts["name"] == name

    def test_the_usual_settings_are_right(self):
        usual = {one.name: one.default for one in KIND.settings}

        assert isinstance(make({**usual, "url": "https://gateway.example/send"}), SmsHttp)
