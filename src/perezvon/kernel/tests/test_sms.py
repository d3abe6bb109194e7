from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perezvon.kernel.sms import size_of


@pytest.mark.parametrize(
    ("text", "alphabet", "used", "parts", "left"),
    [
        ("", "GSM-7", 0, 0, 160),
        ("Hello", "GSM-7", 5, 1, 155),
        ("a" * 160, "GSM-7", 160, 1, 0),
        ("a" * 161, "GSM-7", 161, 2, 145),
        ("a" * 306, "GSM-7", 306, 2, 0),
        ("a" * 307, "GSM-7", 307, 3, 152),
        ("10 €", "GSM-7", 5, 1, 155),
        ("a" * 152 + "€" + "a" * 10, "GSM-7", 164, 2, 141),  # the euro does not stand in two parts
        ("Привет", "UCS-2", 6, 1, 64),
        ("я" * 70, "UCS-2", 70, 1, 0),
        ("я" * 71, "UCS-2", 71, 2, 63),
        ("😀", "UCS-2", 2, 1, 68),
    ],
)
def test_counts_as_networks_do(text, alphabet, used, parts, left):
    size = size_of(text)
    assert (size.alphabet, size.used, size.parts, size.left) == (alphabet, used, parts, left)


@given(st.text(max_size=700))
def test_a_longer_text_never_has_fewer_parts(text):
    assert size_of(text).parts <= size_of(text + "я").parts
    assert size_of(text).left >= 0
