from __future__ import annotations

import pytest

from perezvon.modules.knowledge.text import clean, minutes_to_read, plain


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("<p>a</p><script>alert(1)</script>", "<p>a</p>"),
        ('<p onclick="x()" style="color:red" class="y">a</p>', "<p>a</p>"),
        ('<a href="javascript:alert(1)">a</a>', '<a rel="noopener noreferrer">a</a>'),
        ('<p>a<img src="https://evil.example/x.png"></p>', "<p>a</p>"),
        ("<p></p>", ""),
        ("<h2>a</h2><ol><li>b</li></ol>", "<h2>a</h2><ol><li>b</li></ol>"),
    ],
)
def test_only_what_an_article_needs_is_kept(given, kept):
    assert clean(given) == kept


def test_words_of_paragraphs_stand_apart():
    assert plain("<h2>Fees</h2><p>One &amp; two</p><ul><li>a</li><li>b</li></ul>") == "Fees\nOne & two\na\nb"


def test_reading_takes_a_minute_at_least():
    assert [minutes_to_read("a " * count) for count in (0, 100, 900)] == [1, 1, 5]
