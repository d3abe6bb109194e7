"""One-time codes by time, against the tables of RFC 6238 (appendix B, SHA-1, cut to six digits)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from perezvon.kernel import totp

SECRET = b"12345678901234567890"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(seconds, code):
    assert totp.code_at(SECRET, totp.step_at(datetime.fromtimestamp(seconds, UTC))) == code


def test_a_clock_may_be_half_a_minute_wrong_and_no_more():
    code = totp.code_at(SECRET, totp.step_at(NOON))
    accepted = [
        seconds
        for seconds in range(-90, 91, 30)
        if totp.matching_step(SECRET, code, NOON + timedelta(seconds=seconds)) is not None
    ]
    assert accepted == [-30, 0, 30]


def test_a_code_is_good_once():
    step = totp.step_at(NOON)
    code = totp.code_at(SECRET, step)
    assert totp.matching_step(SECRET, code, NOON) == step
    assert totp.matching_step(SECRET, code, NOON, after=step) is None


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "\u0661\u0662\u0663\u0664\u0665\u0666"])
def test_what_is_no_code_is_none(code):
    assert totp.matching_step(SECRET, code, NOON) is None
