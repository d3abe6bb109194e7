"""May somebody be contacted? The decision, case by case and in general."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perezvon.modules.customers.permission import ANY, Aim, Ban, Why, Word, last_word, may_contact

TODAY = date(2026, 11, 22)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
SERVICE, ADVERTISING, SURVEY = Aim(), Aim("marketing", needs_consent=True), Aim("survey")


def why(channel: str = "call", aim: Aim = SERVICE, bans: list[Ban] = (), words: list[Word] = ()) -> Why | None:
    refusal = may_contact(channel=channel, aim=aim, bans=list(bans), words=list(words), today=TODAY)
    return refusal.why if refusal else None


def yes(channel: str = ANY, on: date = YESTERDAY, until: date | None = None) -> Word:
    return Word("marketing", channel, True, on, until)


def no(channel: str = ANY, on: date = YESTERDAY) -> Word:
    return Word("marketing", channel, False, on)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, None),
        ({"bans": [Ban()]}, Why.PERSON_BANNED),
        ({"bans": [Ban(of_person=False)]}, Why.ADDRESS_BANNED),
        ({"bans": [Ban(channel="sms")]}, None),
        ({"bans": [Ban(channel="call")]}, Why.PERSON_BANNED),
        ({"bans": [Ban(until=YESTERDAY)]}, None),
        ({"bans": [Ban(until=TODAY)]}, Why.PERSON_BANNED),
        ({"bans": [Ban(purpose="marketing")]}, None),
        ({"bans": [Ban(purpose="marketing")], "aim": ADVERTISING, "words": [yes()]}, Why.PERSON_BANNED),
        ({"aim": ADVERTISING}, Why.MISSING),
        ({"aim": SURVEY}, None),
        ({"aim": ADVERTISING, "words": [yes()]}, None),
        ({"aim": ADVERTISING, "words": [yes("sms")]}, Why.MISSING),
        ({"aim": ADVERTISING, "words": [yes(until=YESTERDAY)]}, Why.ENDED),
        ({"aim": ADVERTISING, "words": [yes(until=TODAY)]}, None),
        ({"aim": ADVERTISING, "words": [yes(), no()]}, Why.WITHDRAWN),
        ({"aim": ADVERTISING, "words": [yes(), no("sms")]}, None),
        ({"aim": ADVERTISING, "words": [no(), yes("call")]}, None),
        ({"aim": ADVERTISING, "words": [no(on=TODAY), yes(on=YESTERDAY)]}, Why.WITHDRAWN),
        ({"aim": SURVEY, "words": [Word("survey", ANY, False, YESTERDAY)]}, Why.WITHDRAWN),
    ],
    ids=[
        "nothing against it",
        "a person banned",
        "a number banned",
        "banned on another channel",
        "banned on this channel",
        "the ban is over",
        "its last day counts",
        "a service call in spite of a ban on advertising",
        "a ban is stronger than consent",
        "advertising without consent",
        "a survey needs none",
        "with consent on any channel",
        "consent for another channel",
        "the consent is over",
        "its last day counts too",
        "withdrawn",
        "withdrawn on another channel",
        "given again for one channel",
        "an older paper does not undo a later withdrawal",
        "withdrawn where no consent was needed",
    ],
)
def test_the_decision(asked, expected):
    assert why(**asked) == expected


channels = st.sampled_from(["call", "sms", "email", "post"])
aims = st.sampled_from([SERVICE, ADVERTISING, SURVEY])
days = st.dates(TODAY - timedelta(days=9), TODAY + timedelta(days=9))
bans = st.builds(
    Ban,
    channel=st.sampled_from([ANY, "call", "sms"]),
    purpose=st.sampled_from(["", "marketing", "survey"]),
    until=st.none() | days,
    of_person=st.booleans(),
)
words = st.builds(
    Word,
    purpose=st.sampled_from(["marketing", "survey"]),
    channel=st.sampled_from([ANY, "call", "sms", "email"]),
    is_given=st.booleans(),
    on=days,
    until=st.none() | days,
)


@given(channels, aims, st.lists(bans, max_size=4), st.lists(words, max_size=5), bans)
def test_one_more_ban_never_opens_a_way(channel, aim, lines, said, more):
    before, after = why(channel, aim, lines, said), why(channel, aim, [*lines, more], said)

    assert not (before and not after)


@given(channels, st.lists(bans, max_size=4), st.lists(words, max_size=5))
def test_who_withdraws_everything_is_not_contacted_for_it_from_then_on(channel, lines, said):
    later = TODAY + timedelta(days=10)
    withdrawn = [*said, Word("marketing", ANY, False, later)]

    assert why(channel, ADVERTISING, lines, withdrawn)


@given(channels, st.lists(words, max_size=6))
def test_words_of_other_purposes_do_not_count(channel, said):
    mine = [word for word in said if word.purpose == "marketing"]

    assert last_word(said, "marketing", channel) == last_word(mine, "marketing", channel)
    assert why(channel, ADVERTISING, [], said) == why(channel, ADVERTISING, [], mine)


@given(channels, aims, st.lists(bans, max_size=4), st.lists(words, max_size=5))
def test_lines_of_another_channel_change_nothing(channel, aim, lines, said):
    elsewhere = replace(Ban(), channel="sms" if channel != "sms" else "call")

    assert why(channel, aim, [*lines, elsewhere], said) == why(channel, aim, lines, said)
