"""What is read out of files, and what hostile ones come to."""

from __future__ import annotations

import pytest

from perezvon.foundation.files.reader import Unreadable, draw_page, read
from perezvon.foundation.files.reading import read_apart
from perezvon.foundation.files.tests import papers

LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
RTF = rb"{\rtf1\ansi\ansicpg1251{\fonttbl{\f0 Arial;}}{\*\generator x;}\f0 \'d2\'e0\'f0\'e8\'f4\par\u1062? 5 {\b 6}}"
LETTER = (
    b"From: anna@example.org\r\nSubject: =?utf-8?b?0J/RgNC40LLQtdGC?=\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>Two<br>lines</p><script>alert(1)</script><style>p{}</style>"
)


@pytest.fixture
def words(tmp_path):
    def words(content: bytes, ending: str) -> list[list[str]]:
        path = tmp_path / "file"
        path.write_bytes(content)
        return [block.get("lines") or block["rows"] for block in read(path, ending)["blocks"]]

    return words


class TestWords:
    @pytest.mark.parametrize(
        ("content", "ending", "said"),
        [
            (papers.word("Тариф", "Five &amp; six"), "docx", [["Тариф", "Five & six"]]),
            (papers.slides("Тариф", "Second"), "pptx", [["Тариф"], ["Second"]]),
            (papers.open_text("Тариф", "a<b>b</b>c"), "odt", [["Тариф", "abc"]]),
            (papers.table([["Тариф", 5.0], [], ["x", 0.5]]), "xlsx", [[["Тариф", "5"], ["x", "0.5"]]]),
            (papers.pdf("First page", "Second"), "pdf", [["First page"], ["Second"]]),
            (RTF, "rtf", [["Тариф", "Ц 5 6"]]),
            (LETTER, "eml", [["From: anna@example.org", "Subject: Привет"], ["Two", "lines"]]),
            ("Тариф\n\nпять".encode("cp1251") * 9, "txt", [["Тариф", *["пятьТариф"] * 8, "пять"]]),
            (b"\xef\xbb\xbfa;b\r\nc;d", "csv", [["a;b", "c;d"]]),
            (papers.archive({"a.txt": "x", "b/c.txt": "y"}), "zip", [["a.txt", "b/c.txt"]]),
        ],
        ids=["docx", "pptx", "odt", "xlsx", "pdf", "rtf", "eml", "txt in cp1251", "csv", "zip: names alone"],
    )
    def test_of_each_kind(self, words, content, ending, said):
        assert words(content, ending) == said

    def test_a_table_in_word_is_read_by_rows(self, words):
        cell = "</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>"
        begin, end = "</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>", "</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
        rows = f"before{begin}a{cell}b{end}"

        assert words(papers.word(f"{rows}<w:p><w:r><w:t>after"), "docx") == [["before", "a | b", "after"]]

    def test_the_longest_is_cut(self, tmp_path):
        path = tmp_path / "file"
        path.write_text("word\n" * 400_000)

        found = read(path, "txt")

        assert found["cut"]
        assert sum(len(line) for line in found["blocks"][0]["lines"]) <= 400_000


class TestHostileFiles:
    @pytest.mark.parametrize(
        ("content", "ending", "problem"),
        [
            (papers.word("&c;", head=LAUGHS), "docx", "broken"),
            (papers.word("&a;", head=OUTSIDE), "docx", "broken"),
            (papers.archive({"word/document.xml": bytes(80 << 20)}), "docx", "too_big"),
            (papers.archive({str(number): b"" for number in range(6_000)}), "zip", "too_big"),
            (b"PK\x03\x04 and nothing", "docx", "broken"),
            (b"%PDF-1.7 and nothing", "pdf", "broken"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 rubbish", "xls", "broken"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old Word", "doc", "nothing"),
            (papers.pdf(""), "pdf", "nothing"),
            (b"\xff\xd8\xff", "jpg", "nothing"),
        ],
        ids=["laughs", "asks for a file of ours", "bomb", "many members", "no archive", "no PDF", "no table", "doc",
             "a scan without words", "a picture"],
    )  # fmt: skip
    def test_is_refused(self, words, content, ending, problem):
        with pytest.raises(Unreadable, match=problem):
            words(content, ending)

    def test_a_macro_is_no_word_of_it(self, words):
        assert words(papers.word("Fee", more={"word/vbaProject.bin": papers.MACRO}), "docx") == [["Fee"]]

    def test_a_page_is_drawn_and_its_script_is_not_run(self, tmp_path):
        path = tmp_path / "file"
        path.write_bytes(papers.pdf("Fee", script="app.alert(1)"))

        assert draw_page(path, 0).startswith(b"\x89PNG")
        with pytest.raises(Unreadable):
            draw_page(path, 1)

    def test_one_that_breaks_the_reader_breaks_nothing_else(self, tmp_path):
        deep = tmp_path / "deep"
        deep.write_bytes(papers.word("<w:x>" * 200_000 + "</w:x>" * 200_000))

        assert read_apart(tmp_path / "gone", "txt") == {"problem": "broken"}
        assert read_apart(deep, "docx").keys() & {"problem", "blocks"}

    def test_apart_it_says_the_same(self, tmp_path):
        path = tmp_path / "file"
        path.write_bytes(papers.word("Тариф"))

        assert read_apart(path, "docx")["blocks"] == [{"title": "", "lines": ["Тариф"]}]
