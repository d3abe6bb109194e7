"""Against a real HTTP server on this machine that plays a company's base."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from perezvon.connectors.customers_http import MOST_BYTES, HttpCustomers
from perezvon.kernel.errors import TryLater
from perezvon.ports.contracts import customers as contract
from perezvon.ports.customers import OutsideCustomer, SourceSettings

PATHS = {
    "list": "found.people",
    "key": "id",
    "last_name": "name.last",
    "first_name": "name.first",
    "company_name": "company",
    "phones": "phone, more_phones",
    "emails": "mails",
    "url": "link",
}


class Base:
    """It has customers, and moods; what it was asked for stays in `paths` and `headers`."""

    def __init__(self) -> None:
        self.mood, self.said, self.paths, self.headers = "well", b'{"found": {"people": []}}', [], []
        self.over = threading.Event()
        base = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                base.hear(self)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def hear(self, request: BaseHTTPRequestHandler) -> None:
        self.paths.append(request.path)
        self.headers.append(dict(request.headers))
        if self.mood == "slow":
            self.over.wait(10)
        if self.mood == "broken":
            request.close_connection = True
            return
        status, body = {"refusing": (500, b"{}"), "rubbish": (200, b"<html>")}.get(self.mood, (200, self.said))
        if self.mood.isdecimal():
            status, body = int(self.mood), b""
        request.send_response(status)
        request.send_header("Content-Length", str(len(body)))
        request.send_header("Location", "/elsewhere")
        request.end_headers()
        request.wfile.write(body)

    @property
    def source(self) -> HttpCustomers:
        return self.make()

    def make(self, **more: Any) -> HttpCustomers:
        url = f"http://127.0.0.1:{self.server.server_port}/find?phone={{phone}}"
        facts = (("Tariff", "tariff.name"),)
        return HttpCustomers(SourceSettings(url, **{"paths": PATHS, "facts": facts, **more}), within_s=0.5)

    def hold(self, *customers: OutsideCustomer) -> None:
        people = [
            {
                "id": one.key,
                "name": {"last": one.last_name, "first": one.first_name},
                "company": one.company_name,
                "phone": one.phones[0] if one.phones else None,
                "more_phones": one.phones[1:],
                "mails": one.emails,
                "tariff": {"name": dict(one.facts).get("Tariff")},
                "link": one.url,
            }
            for one in customers
        ]
        self.said = json.dumps({"found": {"people": people}}).encode()

    def answer(self, how: str) -> None:
        self.mood = how

    def asked(self) -> list[str]:
        return [path.partition("=")[2] for path in self.paths]

    def leave(self) -> None:
        self.over.set()
        self.server.shutdown()
        self.thread.join(5)
        self.server.server_close()


@pytest.fixture
def bench() -> Iterator[Base]:
    base = Base()
    yield base
    base.leave()


class TestFindsByPhone(contract.FindsByPhone):
    pass


class TestHttpCustomers:
    def test_the_token_goes_in_the_header_and_nowhere_else(self, bench):
        bench.make(header="X-Token: key {secret}", secret="s3cret").find_by_phone(contract.DIGITS)

        assert bench.headers[0]["X-Token"] == "key s3cret"
        assert "s3cret" not in bench.paths[0]
        assert "s3cret" not in repr(SourceSettings("http://x/{phone}", secret="s3cret"))

    @pytest.mark.parametrize("status", ["204", "404"])
    def test_it_may_say_nobody_by_a_status(self, bench, status):
        bench.answer(status)
        assert bench.source.find_by_phone(contract.DIGITS) == []

    @pytest.mark.parametrize("status", ["302", "401", "429", "503"])
    def test_no_redirect_is_followed_and_no_refusal_is_an_answer(self, bench, status):
        bench.answer(status)
        with pytest.raises(TryLater) as away:
            bench.source.find_by_phone(contract.DIGITS)
        assert away.value.facts["why"] == f"HTTP {status}"
        assert len(bench.paths) == 1

    def test_a_huge_answer_is_not_read_to_its_end(self, bench):
        bench.said = b'{"found": "' + b"a" * MOST_BYTES + b'"}'
        with pytest.raises(TryLater) as away:
            bench.source.find_by_phone(contract.DIGITS)
        assert away.value.facts["why"] == "size"

    def test_nobody_there_is_no_answer(self, bench):
        gone = HttpCustomers(SourceSettings("http://127.0.0.1:9/{phone}", paths=PATHS), within_s=0.5)
        with pytest.raises(TryLater):
            gone.find_by_phone(contract.DIGITS)

    @pytest.mark.parametrize(
        "said",
        [
            b"null",
            b"7",
            b"[]",
            b'"text"',
            b'{"found": 7}',
            b'{"found": {"people": {"id": null}}}',
            b'{"found": {"people": [7, null, "x", [], {}, {"id": {"a": 1}}, {"id": true}, {"id": "\\u0000"}]}}',
        ],
    )
    def test_what_is_not_where_it_should_be_is_nobody(self, bench, said):
        bench.said = said
        assert bench.source.find_by_phone(contract.DIGITS) == []

    @pytest.mark.parametrize("said", [b"", b"\xff\xfe", b"[" * 100_000, b"{"])
    def test_what_cannot_be_read_is_no_answer(self, bench, said):
        bench.said = said or b" "
        with pytest.raises(TryLater):
            bench.source.find_by_phone(contract.DIGITS)

    def test_values_of_wrong_types_are_left_out_and_signs_are_cleaned(self, bench):
        row = {
            "id": 17,
            "name": {"last": "Ivan\u0000ov\n \ud800Jr" + "x" * 500, "first": ["Ivan", "Petr"]},
            "phone": 79161234567,
            "more_phones": [None, True, {"a": 1}, "79161234567", "84951234567"],
            "mails": {"a": "b"},
            "tariff": "Gold",
            "link": "javascript:alert(1)",
        }
        bench.said = json.dumps({"found": {"people": row}}).encode()

        [found] = bench.source.find_by_phone(contract.DIGITS)

        assert (found.key, found.first_name) == ("17", "Ivan")
        assert found.last_name.startswith("Ivanov Jr")
        assert len(found.last_name) == 200
        assert found.phones == ("79161234567", "84951234567")
        assert (found.emails, found.facts, found.url) == ((), (), "")
