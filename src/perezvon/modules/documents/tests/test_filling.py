"""What may stand in a template, and what becomes of it: no database."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

import pytest
from docx import Document as new_word
from hypothesis import given
from hypothesis import strategies as st

from perezvon.modules.documents import paper, word
from perezvon.modules.documents.filling import MOST_ROWS, Environment, Problem, harmless, problems_in

KNOWN = {"customer": {"name": None, "born": None, "phones": {"number": None}}, "case": {"answers": {"text": None}}}


def words(value: Any, how: str) -> str:
    return f"{value:%d.%m.%Y}{'!' if how == 'long' else ''}" if isinstance(value, date) else str(value)


ENVIRONMENT = Environment(KNOWN, words)


def filled(source: str, **values: Any) -> str:
    return ENVIRONMENT.from_string(source).render(harmless(values))


class TestFilling:
    def test_fields_conditions_and_rows_come_out(self) -> None:
        source = (
            "{% if customer.name %}{{ customer.name|upper }}{% endif %}, {{ customer.born }}, {{ customer.born|long }}:"
            "{% for row in case.answers %} {{ loop.index }}. {{ row.text }}{% else %} none{% endfor %}"
        )
        answers = [{"text": "one"}, {"text": "<b>&"}]

        got = filled(source, customer={"name": "Elena", "born": date(1981, 5, 14)}, case={"answers": answers})

        assert got == "ELENA, 14.05.1981, 14.05.1981!: 1. one 2. &lt;b&gt;&amp;"
        assert filled(source, customer={}) == ", , : none"

    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ("{{ customer.nam }} {{ who }}", [("unknown", "customer.nam"), ("unknown", "who")]),
            ("{{ customer }}", [("whole", "customer")]),
            ("{% for x in customer.name %}{% endfor %}", [("list", "customer.name")]),
            ("{{ ''.__class__.__mro__ }}", [("unknown", "const.__class__.__mro__")]),
            ("{{ customer.name.__class__ }}", [("unknown", "customer.name.__class__")]),
            ("{{ customer.name() }}", [("forbidden", "( )")]),
            ("{% for x in range(9) %}{% endfor %}", [("unknown", "call")]),
            ("{{ 'a' * 9999999999 }}", [("forbidden", "*")]),
            ("{% set x = 1 %}", [("forbidden", "set")]),
            ("{% include 'x' %}", [("forbidden", "include")]),
            ("{% macro x() %}{% endmacro %}", [("forbidden", "macro")]),
            ("{{ customer.name|attr('x') }}", [("forbidden", "|attr")]),
            ("{{ customer.name|center(999999999) }}", [("forbidden", "|center")]),
            ("{{ customer['name'] }}", [("forbidden", "[ ]")]),
        ],
    )
    def test_what_may_not_stand_there_is_named_when_it_is_saved(
        self, source: str, expected: list[tuple[str, str]]
    ) -> None:
        assert problems_in(source, ENVIRONMENT) == [Problem(f"place.{code}", what) for code, what in expected]

    def test_a_place_that_is_not_closed_and_too_many_loops_are_told(self) -> None:
        loop = "{% for row in case.answers %}x{% endfor %}"

        assert [one.code for one in problems_in("{{ customer.name", ENVIRONMENT)] == ["place.syntax"]
        assert problems_in(loop * 20, ENVIRONMENT) == []
        assert problems_in(loop * 21, ENVIRONMENT) == [Problem("place.loops", "for")]
        assert problems_in("{{" + "(" * 9000 + "1" + ")" * 9000 + "}}", ENVIRONMENT) != []

    def test_lists_and_results_have_an_end(self) -> None:
        source = "{% for row in case.answers %}{{ row.text }}{% endfor %}"

        assert len(filled(source, case={"answers": [{"text": "a"}] * 9000})) == MOST_ROWS
        with pytest.raises(Exception, match="too long"):
            filled(source, case={"answers": [{"text": "a" * 100_000}] * 100})

    @given(st.text())
    def test_no_value_becomes_markup_or_breaks_xml(self, text: str) -> None:
        got = filled("{{ customer.name }}", customer={"name": text})

        assert "<" not in got
        assert all(sign in "\t\n\r" or ord(sign) >= 32 for sign in got)


class TestPages:
    def test_what_the_editor_does_to_places_is_undone(self) -> None:
        body = (
            "<p>{% if <strong>customer.name</strong> == &quot;a&amp;b&quot; %}</p>"
            "<p>yes&nbsp;{{&nbsp;customer.name }}</p>"
            "<p>{% endif %}</p><table><tbody><tr><td><p>{% for row in case.answers %}</p></td><td></td></tr>"
            "<tr><td>{{ row.text }}</td><td>x</td></tr><tr><td>{% endfor %}</td><td></td></tr></tbody></table>"
        )

        got = filled(
            paper.as_template(body), customer={"name": "a&b"}, case={"answers": [{"text": "1"}, {"text": "2"}]}
        )

        rows = "".join(f"<tr><td>{one}</td><td>x</td></tr>" for one in "12")
        assert got == f"<p>yes&nbsp;a&amp;b</p><table><tbody>{rows}</tbody></table>"

    def test_a_page_keeps_no_script_picture_or_link(self) -> None:
        hostile = '<p onclick="x()">a<script>alert(1)</script><img src="http://evil.example/x"><a href="x">b</a></p>'

        assert paper.clean(hostile) == "<p>ab</p>"

    def test_a_page_becomes_a_pdf_with_a_signature_and_its_number_at_the_foot(self) -> None:
        from pypdfium2 import PdfDocument  # noqa: PLC0415  (slow to load)

        html = paper.with_signature("<h2>Ответ</h2><p>Уважаемая Елена</p>", paper.Signature("Супервизор", "<Лебедев>"))

        pdf = paper.pdf_of(html, title="Ответ", footer='Ответ № 00012 "; } a', language="ru")

        text = PdfDocument(pdf)[0].get_textpage().get_text_range()
        assert pdf.startswith(b"%PDF-")
        for part in ("Уважаемая Елена", "Супервизор", "<Лебедев>", "Ответ № 00012", "1 / 1"):
            assert part in text


def word_file(*paragraphs: str) -> bytes:
    document = new_word()
    for one in paragraphs:
        document.add_paragraph(one)
    table = document.add_table(rows=3, cols=1)
    for row, text in zip(
        table.rows, ("{%tr for row in case.answers %}", "{{ row.text }}", "{%tr endfor %}"), strict=True
    ):
        row.cells[0].text = text
    return saved(document)


def saved(document: Any) -> bytes:
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            if one != name:
                new.writestr(one, old.read(one))
        new.writestr(name, part)
    return made.getvalue()


class TestWordFiles:
    def test_places_and_rows_of_tables_are_filled(self) -> None:
        template = word_file("Dear {{ customer.name }},", "{% if customer.born %}{{ customer.born }}{% endif %}")

        assert word.wrong_with(template, ENVIRONMENT) == []
        values = {"customer": {"name": "A & <B>"}, "case": {"answers": [{"text": "one"}, {"text": "two"}]}}
        html = word.html_of(word.fill(template, harmless(values), ENVIRONMENT))

        assert html == (
            "<p>Dear A &amp; &lt;B&gt;,</p><table><tbody><tr><td>one</td></tr><tr><td>two</td></tr></tbody></table>"
        )

    def test_what_cannot_be_filled_is_named(self) -> None:
        template = new_word()
        template.add_paragraph("{{ customer.nam }} {{ customer.name.upper() }}")
        template.sections[0].header.paragraphs[0].text = "{{ nobody.knows }}"

        found = word.wrong_with(saved(template), ENVIRONMENT)

        assert {(one.code, one.what) for one in found} == {
            ("place.unknown", "customer.nam"),
            ("place.forbidden", "( )"),
            ("place.unknown", "nobody.knows"),
        }

    @pytest.mark.parametrize(
        ("name", "part", "code"),
        [
            ("word/vbaProject.bin", b"x", "word.lively"),
            ("word/embeddings/thing.bin", b"x", "word.lively"),
            ("customXml/x.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "word.lively"),
            ("word/_rels/settings.xml.rels", b'<Relationships><Relationship Type="http://x/relationships/'
             b'attachedTemplate" Target="http://evil.example/" TargetMode="External"/></Relationships>', "word.lively"),
            ("word/bomb.xml", b" " * (61 * 2**20), "word.large"),
        ],
        ids=["macro", "embedded", "entity", "fetched", "bomb"],
    )  # fmt: skip
    def test_a_hostile_file_is_refused(self, name: str, part: bytes, code: str) -> None:
        [problem] = word.wrong_with(with_part(word_file("x"), name, part), ENVIRONMENT)

        assert problem.code == code

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"%PDF-1.7", word_file("x")[:500]])
    def test_what_is_no_word_file_is_told_in_words(self, content: bytes) -> None:
        assert [one.code for one in word.wrong_with(content, ENVIRONMENT)] == ["word.broken"]
