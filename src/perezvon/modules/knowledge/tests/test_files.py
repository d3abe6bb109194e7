"""Documents of the base: looked at, found by their words, and never trusted."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.urls import reverse

from perezvon.connectors.clamd import ClamdScanner
from perezvon.connectors.clamd.tests.server import MOST_BYTES, Clamd
from perezvon.connectors.eicar import EicarScanner
from perezvon.foundation import clock
from perezvon.foundation.files import jobs, looking, services, store
from perezvon.foundation.files.models import File, FileContent
from perezvon.foundation.files.tests import papers
from perezvon.modules.knowledge.models import Article, Kind
from perezvon.modules.knowledge.selectors import FILES_KIND, Asked, find
from perezvon.modules.knowledge.services import index_files
from perezvon.modules.knowledge.tests.conftest import BY, NOW
from perezvon.ports.contracts.scanning import EICAR
from perezvon.ports.scanning import ScannerAway

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> None:
    settings.FILES = tmp_path / "files"


@pytest.fixture
def scanner(monkeypatch) -> Iterator[EicarScanner]:
    scanner = EicarScanner()
    monkeypatch.setattr(looking, "find_scanner", lambda: scanner)
    monkeypatch.setattr("perezvon.foundation.files.selectors.find_scanner", lambda: scanner)
    return scanner


def attach(article: Article, name: str, content: bytes, *, looked_into: bool = True) -> File:
    """Attached, and read as the worker does when it hears of it."""
    put = store.put([content], most=1 << 24)
    file = services.attach(kind=FILES_KIND, record_id=article.pk, content=put, name=name, by=BY, now=NOW)
    if looked_into:
        looking.look_into(file.sha256, now=lambda: NOW)
        index_files(article.pk)
    return file


def words_of(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def olga(person, client):
    user = person("olga", "operator")
    client.force_login(user)
    return user


class TestDocuments:
    @pytest.mark.feature("F12.02")
    @pytest.mark.feature("F12.12")
    @pytest.mark.feature("F27.03")
    def test_is_found_by_what_stands_in_it_and_says_in_which_file(self, put, client, olga):
        article = put("Tariffs", kind=Kind.DOCUMENT, at=clock.now())
        attach(article, "prices.xlsx", papers.table([["Gold card", 990], ["Overdraft & co", 5]], "Cards"))
        attach(article, "Terms_of_deposits.docx", papers.word("Early closing costs nothing."))

        found = find(Asked("overdrafts"), by=olga.actor(), now=clock.now())
        assert [(hit.article.pk, [one.name for one in hit.files]) for hit in found.hits] == [
            (article.pk, ["prices.xlsx"])
        ]
        page = client.get(reverse("knowledge:home"), {"q": "overdraft"})
        assert "<mark>Overdraft</mark>" in page.content.decode()
        by_name = find(Asked("terms deposit"), by=olga.actor(), now=clock.now())
        assert [one.name for hit in by_name.hits for one in hit.files] == ["Terms_of_deposits.docx"]

    def test_one_that_was_taken_away_is_found_no_more(self, put):
        article = put("Tariffs")
        file = attach(article, "prices.txt", b"Overdraft")
        assert find(Asked("overdraft"), by=BY, now=NOW).total == 1

        services.delete(file_id=file.pk, by=BY, now=NOW)
        index_files(article.pk)

        assert find(Asked("overdraft"), by=BY, now=NOW).total == 0

    def test_the_article_shows_the_document_itself(self, put, client, olga):
        article = put("Tariffs", kind=Kind.DOCUMENT, at=clock.now())
        attach(article, "prices.xlsx", papers.table([["Gold card", 990]], "Cards"))

        assert "Cards Gold card 990" in words_of(client.get(reverse("knowledge:article", args=[article.pk])))


class TestPreview:
    def test_a_pdf_is_shown_as_pictures(self, put, client, olga):
        file = attach(put("Tariffs", at=clock.now()), "terms.pdf", papers.pdf("One", "Two", script="app.alert(1)"))

        page = client.get(reverse("files:preview", args=[file.pk])).content.decode()
        assert page.count('class="look-page"') == 2
        drawn = client.get(reverse("files:page", args=[file.pk, 1]))
        assert b"".join(drawn.streaming_content).startswith(b"\x89PNG")
        assert drawn["Content-Type"] == "image/png"
        assert drawn["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert client.get(reverse("files:page", args=[file.pk, 2])).status_code == 404

    @pytest.mark.parametrize(
        ("name", "content", "shown"),
        [
            ("page.txt", b"<!-- --><html><script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            (
                "drawing.xml",
                b'<?xml version="1.0"?><svg onload="alert(1)"/>',
                "&lt;svg onload=&quot;alert(1)&quot;/&gt;",
            ),
            ("macro.docx", papers.word("Fee", more={"word/vbaProject.bin": papers.MACRO}), "<p>Fee</p>"),
            ("bomb.docx", papers.archive({"word/document.xml": bytes(80 << 20)}), "There is too much in the file"),
            ("two.docx", papers.word("Fee") + b"<html><script>alert(1)</script>", "<p>Fee</p>"),
            ("laughs.docx", papers.word("&a;", head='<!DOCTYPE x [<!ENTITY a "b">]>'), "The file cannot be read"),
        ],
        ids=["a page", "a drawing", "a macro", "a bomb", "two things in one", "entities"],
    )
    def test_a_hostile_one_is_inert(self, put, client, olga, name, content, shown):
        file = attach(put("Tariffs", at=clock.now()), name, content)

        page = client.get(reverse("files:preview", args=[file.pk])).content.decode()
        saved = client.get(f"{reverse('files:download', args=[file.pk])}?look")

        assert shown in page
        assert "alert(1)</script>" not in page
        assert (saved["Content-Type"], saved["Content-Disposition"][:10]) == ("application/octet-stream", "attachment")
        assert saved["Content-Security-Policy"] == "sandbox; default-src 'none'"

    def test_one_that_is_not_read_yet_asks_again_and_strangers_see_nothing(self, put, client, person, olga, cards):
        file = attach(put("Tariffs", at=clock.now()), "a.txt", b"Fee", looked_into=False)
        address = reverse("files:preview", args=[file.pk])

        assert "The file is being read" in words_of(client.get(address))
        part = client.get(address, headers={"HX-Request": "true", "HX-Target": f"look-{file.pk}"}).content.decode()
        assert part.strip().startswith(f'<div id="look-{file.pk}"')
        looking.look_into(file.sha256, now=lambda: NOW)
        assert "Fee" in words_of(client.get(address))
        Article.objects.update(deleted_at=NOW)
        assert client.get(address).status_code == 404


class TestWhatWasLeft:
    def test_files_that_nobody_knows_are_met_once_and_not_one_by_one(self, put):
        article = put("Tariffs")
        for name, text in (("a.txt", b"Fee"), ("b.txt", b"Fee"), ("c.txt", b"Rate")):
            attach(article, name, text, looked_into=False)
        FileContent.objects.all().delete()

        assert "Anti Join" in looking.without_content().explain()
        assert sorted(looking.contents_to_look_into(now=NOW)) == sorted(
            set(File.objects.values_list("sha256", flat=True))
        )
        assert FileContent.objects.count() == 2
        assert not looking.without_content().exists()

    def test_those_never_tried_come_first_and_one_that_is_gone_does_not_stand_in_their_way(self, put):
        article = put("Tariffs")
        gone, tried, new = (attach(article, f"{text}.txt", text.encode(), looked_into=False) for text in "abc")
        FileContent.objects.filter(pk=tried.sha256).update(tried_at=NOW - looking.AGAIN_AFTER * 2)
        store.path_of(gone.sha256).unlink()
        FileContent.objects.filter(pk=new.sha256).update(tried_at=None)

        found = looking.contents_to_look_into(now=NOW)
        assert (set(found[:2]), found[2:]) == ({gone.sha256, new.sha256}, [tried.sha256])
        looking.look_into(gone.sha256, now=lambda: NOW)
        assert looking.contents_to_look_into(now=NOW) == [new.sha256, tried.sha256]

    @pytest.mark.parametrize(("left", "is_there", "times"), [(3, True, 1), (1, True, 0), (3, False, 0)])
    def test_goes_on_at_once_while_there_are_more_than_are_taken(
        self, put, scanner, monkeypatch, left, is_there, times
    ):
        monkeypatch.setattr(looking, "MOST_AT_ONCE", 2)
        if not is_there:
            monkeypatch.setattr(looking, "find_scanner", lambda: ClamdScanner("/nobody/listens/here"))
        article = put("Tariffs")
        for number in range(left):
            attach(article, f"{number}.txt", f"Fee {number}".encode(), looked_into=False)

        assert [jobs.look_again(timestamp=0), jobs.look_again(timestamp=0)] == [min(left, 2)] * 2

        with connection.cursor() as cursor:
            cursor.execute("SELECT task_name FROM procrastinate_jobs ORDER BY id")
            names = [name for (name,) in cursor.fetchall()]
        assert names.count("files.look_again") == times
        assert names[: min(left, 2)] == ["files.look_into"] * min(left, 2)


class TestViruses:
    def test_nothing_is_opened_before_it_was_scanned_nor_when_it_is_infected(self, scanner, put, client, olga):
        article = put("Tariffs", at=clock.now())
        clean = attach(article, "clean.txt", b"Overdraft", looked_into=False)
        virus = attach(article, "virus.txt", EICAR + b" overdraft", looked_into=False)
        assert FileContent.objects.filter(scan="waiting").count() == 2
        for file in (clean, virus):
            assert client.get(reverse("files:download", args=[file.pk])).status_code == 409
        assert "being checked for viruses" in words_of(client.get(reverse("files:files", args=["article", article.pk])))

        for sha256 in looking.contents_to_look_into(now=NOW):
            looking.look_into(sha256, now=lambda: NOW)
        index_files(article.pk)

        assert client.get(reverse("files:download", args=[clean.pk])).status_code == 200
        for name in ("download", "preview"):
            answer = client.get(reverse(f"files:{name}", args=[virus.pk]))
            assert "A virus was found in this file (Eicar-Test-Signature)" in words_of(answer)
        assert client.get(reverse("files:download", args=[virus.pk])).status_code == 409
        [hit] = find(Asked("overdraft"), by=BY, now=clock.now()).hits
        assert [one.name for one in hit.files] == ["clean.txt"]

    @pytest.mark.parametrize("was_read", [False, True])
    def test_one_that_is_too_large_to_be_scanned_is_closed_for_good_and_says_so(
        self, put, client, olga, monkeypatch, was_read
    ):
        article = put("Tariffs", at=clock.now())
        file = attach(article, "large.txt", b"Overdraft " * (MOST_BYTES // 10 + 1), looked_into=was_read)
        server = Clamd()
        try:
            for place in ("looking", "selectors"):
                monkeypatch.setattr(
                    f"perezvon.foundation.files.{place}.find_scanner", lambda: ClamdScanner(server.address)
                )
            looking.look_into(file.sha256, now=lambda: NOW)
            assert looking.contents_to_look_into(now=NOW + looking.AGAIN_AFTER * 2) == []
        finally:
            server.leave()
        index_files(article.pk)

        for name in ("download", "preview"):
            answer = client.get(reverse(f"files:{name}", args=[file.pk]))
            assert "cannot be checked for viruses: it is too large" in words_of(answer)
            assert 'hx-trigger="load delay' not in answer.content.decode()
        assert client.get(reverse("files:download", args=[file.pk])).status_code == 409
        listed = words_of(client.get(reverse("files:files", args=["article", article.pk])))
        assert "too large to be checked for viruses" in listed
        assert find(Asked("overdraft"), by=BY, now=clock.now()).total == 0

    def test_a_scanner_that_is_away_is_asked_again(self, scanner, put, monkeypatch):
        file = attach(put("Tariffs"), "a.txt", b"Fee", looked_into=False)

        def away(_content):
            raise ScannerAway(said="away")

        with monkeypatch.context() as patch:
            patch.setattr(EicarScanner, "scan", lambda _self, content: away(content))
            looking.look_into(file.sha256, now=lambda: NOW)
        assert FileContent.objects.get().reading == "waiting"
        assert looking.contents_to_look_into(now=NOW) == []

        assert looking.contents_to_look_into(now=NOW + looking.AGAIN_AFTER * 2) == [file.sha256]
