"""Who may do what, and rows of tasks: without a database."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perezvon.modules.tasks.models import Repeat, State
from perezvon.modules.tasks.rules import MOVES, Act, Hands, Who, is_permitted, may, next_dates, next_due, over_limits
from perezvon.modules.tasks.zones import zone_of_number

OLGA, IVAN, VIKTOR = 1, 2, 3
FIRST, LAST = datetime.fromisoformat("2000-01-01"), datetime.fromisoformat("2099-01-01")
LINE1, LINE2 = 10, 20
olga, stranger = Who(OLGA, LINE1, assigns=False), Who(IVAN, LINE2, assigns=False)


@pytest.mark.parametrize(
    ("act", "who", "hands", "allowed"),
    [
        (Act.CHANGE, olga, Hands(OLGA, None, None, None), True),
        (Act.CHANGE, stranger, Hands(OLGA, None, None, None), False),
        (Act.CHANGE, stranger, Hands(OLGA, None, IVAN, None), True),
        (Act.CHANGE, Who(VIKTOR, None, assigns=True), Hands(OLGA, None, None, None), True),
        (Act.TAKE, olga, Hands(None, LINE1, None, None), True),
        (Act.TAKE, stranger, Hands(None, LINE1, None, None), False),
        (Act.TAKE, stranger, Hands(None, None, None, None), True),
        (Act.TAKE, stranger, Hands(OLGA, None, None, IVAN), False),
        (Act.ANSWER, stranger, Hands(OLGA, None, None, IVAN), True),
        (Act.ANSWER, Who(VIKTOR, None, assigns=True), Hands(OLGA, None, None, IVAN), False),
        (Act.CHANGE, Who(IVAN, LINE2, assigns=False, stands_in_for=frozenset({OLGA})), Hands(OLGA, None, None, None),
         True),
    ],
    ids=["her own", "of somebody else", "made by him", "a supervisor's", "free for her team", "free for another team",
         "free for anyone", "offered is not taken", "offered to him", "offers are answered by whom they are for",
         "of whom he stands in for"],
)  # fmt: skip
def test_who_may(act, who, hands, allowed):
    assert may(act, who, hands) is allowed


@pytest.mark.parametrize(
    ("due", "repeat", "following"),
    [
        ("2026-11-27T10:00", Repeat.DAILY, "2026-11-28T10:00"),
        ("2026-11-27T10:00", Repeat.WEEKDAYS, "2026-11-30T10:00"),
        ("2026-11-28T10:00", Repeat.WEEKDAYS, "2026-11-30T10:00"),
        ("2026-11-27T10:00", Repeat.WEEKLY, "2026-12-04T10:00"),
        ("2026-12-31T10:00", Repeat.MONTHLY, "2027-01-31T10:00"),
        ("2027-01-31T10:00", Repeat.MONTHLY, "2027-02-28T10:00"),
        ("2026-11-27T10:00", Repeat.NEVER, None),
    ],
)
def test_what_follows_in_a_row(due, repeat, following):
    found = next_due(datetime.fromisoformat(due), repeat, None)

    assert (found and found.isoformat(timespec="minutes")) == following


def test_a_row_ends_with_its_last_day():
    due = datetime.fromisoformat("2026-11-27T10:00")

    assert next_due(due, Repeat.DAILY, date(2026, 11, 28)) is not None
    assert next_due(due, Repeat.DAILY, date(2026, 11, 27)) is None


@given(st.datetimes(FIRST, LAST), st.sampled_from(Repeat.values))
def test_a_row_only_goes_forward_and_keeps_its_hour(due, repeat):
    found = next_due(due, repeat, None)

    assert (found is None) is (repeat == "")
    assert found is None or (found > due and found.time() == due.time() and (found - due).days <= 31)


def test_nothing_leads_out_of_the_board():
    assert set(MOVES) == set(State.values)
    assert all(wanted in MOVES and state not in wanted for state, found in MOVES.items() for wanted in found)


@pytest.mark.parametrize(
    ("moment", "zone", "allowed"),
    [
        ("2026-11-23T06:00+00:00", "Europe/Moscow", True),
        ("2026-11-23T05:59+00:00", "Europe/Moscow", False),
        ("2026-11-23T06:00+00:00", "Asia/Vladivostok", True),
        ("2026-11-23T11:00+00:00", "Asia/Vladivostok", False),
    ],
)
def test_people_are_called_by_their_own_clock(moment, zone, allowed):
    assert is_permitted(datetime.fromisoformat(moment), zone, (time(9), time(21))) is allowed


@pytest.mark.parametrize(
    ("number", "zone"),
    [
        ("74012561234", "Europe/Kaliningrad"),
        ("74951234567", "Europe/Moscow"),
        ("79161234567", ""),
        ("77011234567", "Asia/Almaty"),
        ("rubbish", ""),
    ],
    ids=["Kaliningrad, which the library thinks is Bucharest", "Moscow", "mobiles are anywhere", "Kazakhstan", "none"],
)
def test_a_number_says_where_it_is_only_when_it_is_sure(number, zone):
    assert zone_of_number(number) == zone


@pytest.mark.parametrize(
    ("repeat", "until", "days"),
    [("weekdays", None, [27, 30, 1, 2, 3]), ("weekly", date(2026, 12, 11), [27, 4, 11]), ("", None, [27])],
    ids=["not on a weekend", "until its last day", "once"],
)
def test_the_first_dates_of_a_row(repeat, until, days):
    assert [one.day for one in next_dates(datetime.fromisoformat("2026-11-27T09:00"), repeat, until, 5)] == days


def test_who_has_more_in_hand_than_was_agreed():
    held = [("olga", "work")] * 3 + [("olga", "new")] * 9 + [("ivan", "work")] * 2

    assert over_limits(held, {"work": 2}) == {("olga", "work"): 3}
