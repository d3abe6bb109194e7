"""Facts in, orders out: what is asked of Asterisk, and what its news mean, without one."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from perezvon.connectors.asterisk_ari import facts
from perezvon.connectors.asterisk_ari.exchange import Exchange, Sight
from perezvon.connectors.asterisk_ari.orders import MEMORY, Action, Fetch, Request, Weight, recall
from perezvon.kernel.ids import CallId, LegId
from perezvon.ports.contracts.bench import order
from perezvon.ports.telephony import (
    Answer,
    CallCommand,
    Cause,
    Clear,
    CommandRefused,
    ConnectionCleared,
    Delivered,
    Dial,
    Established,
    Hold,
    Join,
    Offered,
    PauseRecording,
    Play,
    PromptEnded,
    StartRecording,
    Supervise,
    Supervision,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CUSTOMER = "1795307417.0"


class House:
    """An exchange whose orders are written down instead of being sent."""

    def __init__(self, seed: int = 1) -> None:
        self.exchange = Exchange(random.Random(seed).randbytes)
        self.now = NOW
        self.orders: list[object] = []
        self.said: list[object] = []

    def _go_on(self) -> None:
        said, orders = self.exchange.take()
        self.said += [entry.event for entry in said if entry.event is not None]
        self.orders += orders

    def hear(self, *news: facts.Fact) -> None:
        for fact in news:
            self.exchange.hear(fact, self.now)
            self._go_on()

    def do(self, kind: type[CallCommand], call_id: CallId, leg_id: LegId | None = None, **more: object) -> CallCommand:
        command = order(kind, call_id, leg_id, **more)
        self.exchange.handle(command, self.now)
        self._go_on()
        return command

    def offered(self, channel_id: str = CUSTOMER) -> Offered:
        self.hear(facts.Arrived(facts.Channel(channel_id, False, "1000", "79991")))
        return self.heard(Offered)

    def talk(self) -> tuple[CallId, LegId, LegId]:
        offer, operator = self.offered(), LegId(uuid4())
        self.do(Answer, offer.call_id, offer.leg_id)
        self.do(Dial, offer.call_id, operator, to="agent:5")
        self.up(offer.call_id, operator)
        for leg_id in (offer.leg_id, operator):
            self.do(Join, offer.call_id, leg_id)
        return offer.call_id, offer.leg_id, operator

    def up(self, call_id: CallId, leg_id: LegId) -> None:
        self.hear(facts.Arrived(facts.Channel(f"{call_id}.{leg_id}", True, "leg")))

    def heard[E](self, kind: type[E]) -> E:
        return next(event for event in reversed(self.said) if isinstance(event, kind))

    def told(self, kind: type) -> list[object]:
        return [event for event in self.said if isinstance(event, kind)]

    def requests(self) -> list[tuple[str, str]]:
        return [(one.method, one.path) for one in self.orders if isinstance(one, Request)]

    def actions(self) -> list[tuple[str, dict[str, str]]]:
        return [(one.name, one.fields) for one in self.orders if isinstance(one, Action)]

    def forget(self) -> None:
        self.orders.clear()

    def see(self, *channels: facts.Channel, **more: object) -> None:
        empty = {"memories": {}, "recordings": {}, "bridges": {}, "phones": frozenset()}
        self.exchange.see(Sight(channels=channels, **(empty | more)), self.now)  # type: ignore[arg-type]
        self._go_on()


class TestDialling:
    def test_a_channel_is_known_before_it_is_asked_for(self):
        house, call_id, leg_id = House(), CallId(uuid4()), LegId(uuid4())

        house.do(Dial, call_id, leg_id, to="agent:5")
        house.hear(facts.Rang(f"{call_id}.{leg_id}"), facts.Rang(f"{call_id}.{leg_id}"))

        assert len(house.told(Delivered)) == 1
        [asked] = [one for one in house.orders if isinstance(one, Request)]
        assert asked.query["channelId"] == f"{call_id}.{leg_id}"
        assert asked.query["endpoint"] == "PJSIP/agent5"

    @pytest.mark.parametrize("number", ["12&Local/1@x", "1,2", "", "sip:1@evil", "1" * 40, "7(916)", "٣٣"])
    def test_nothing_foreign_gets_into_a_dial_string(self, number: str):
        house = House()

        house.do(Dial, CallId(uuid4()), LegId(uuid4()), to=number)

        assert house.heard(ConnectionCleared).cause is Cause.INVALID_NUMBER
        assert not house.orders

    @pytest.mark.parametrize("address", ["agent:", "agent:5@x", "agent:x", "agent:５"])
    def test_nor_into_a_phones_name(self, address: str):
        house = House()

        house.do(Dial, CallId(uuid4()), LegId(uuid4()), to=address)

        assert house.heard(ConnectionCleared).cause is Cause.UNREACHABLE

    def test_a_phone_told_to_answer_at_once_is_up_only_when_it_says_so(self):
        house, call_id, leg_id = House(), CallId(uuid4()), LegId(uuid4())
        house.do(Dial, call_id, leg_id, to="agent:5", answer_at_once=True)

        house.hear(facts.Rang(f"{call_id}.{leg_id}"))
        assert not house.told(Established)
        house.up(call_id, leg_id)

        assert [type(event) for event in house.said] == [Delivered, Established]

    def test_a_ringing_phone_is_asked_to_answer_and_believed_when_it_has(self):
        house, call_id, leg_id = House(), CallId(uuid4()), LegId(uuid4())
        house.do(Dial, call_id, leg_id, to="agent:5")

        house.do(Answer, call_id, leg_id)

        assert house.actions() == [("PJSIPNotify", {"Channel": f"{call_id}.{leg_id}", "Variable": "Event=talk"})]
        assert not house.told(Established)

    @pytest.mark.parametrize(
        ("status", "cause"), [(500, Cause.UNREACHABLE), (400, Cause.UNREACHABLE), (409, Cause.SWITCH)]
    )
    def test_what_cannot_be_rung_ends_without_an_event_of_asterisk(self, status: int, cause: Cause):
        house = House()
        house.do(Dial, CallId(uuid4()), LegId(uuid4()), to="79990000000")

        house.exchange.failed(house.orders[0], status, NOW)
        house._go_on()

        assert house.heard(ConnectionCleared).cause is cause
        assert ("DELETE", "/channels") not in [(method, path[:9]) for method, path in house.requests()]

    def test_it_rings_no_longer_than_was_said(self):
        house = House()
        house.do(Dial, CallId(uuid4()), LegId(uuid4()), to="79990000000", ring_s=20)

        assert house.exchange.next_wakeup() == NOW + timedelta(seconds=20)
        house.exchange.advance(NOW + timedelta(seconds=20))
        house._go_on()

        assert house.heard(ConnectionCleared).cause is Cause.NO_ANSWER
        assert house.requests()[-1][0] == "DELETE"


class TestTalking:
    def test_two_are_joined_in_one_bridge_that_is_made_once(self):
        house = House()
        call_id, _, _ = house.talk()

        bridge = f"/bridges/{call_id}.talk"
        assert house.requests().count(("POST", bridge)) == 1
        assert house.requests().count(("POST", f"{bridge}/addChannel")) == 2

    def test_who_is_held_leaves_it_and_hears_music(self):
        house = House()
        call_id, customer, _ = house.talk()
        house.forget()

        house.do(Hold, call_id, customer)

        assert house.requests() == [
            ("POST", f"/bridges/{call_id}.talk/removeChannel"),
            ("POST", f"/channels/{CUSTOMER}/moh"),
        ]

    def test_a_prompt_replaces_music_which_comes_back(self):
        house = House()
        offer = house.offered()
        house.do(Answer, offer.call_id, offer.leg_id)
        house.do(Hold, offer.call_id, offer.leg_id)
        house.forget()

        play = house.do(Play, offer.call_id, offer.leg_id, prompts=("greeting", "number.3"), language="xx")
        house.hear(facts.Played(str(play.command_id), heard=True))

        moh, playing = f"/channels/{CUSTOMER}/moh", f"/channels/{CUSTOMER}/play/{play.command_id}"
        assert house.requests() == [("DELETE", moh), ("POST", playing), ("POST", moh)]
        assert house.orders[1].query["media"] == "sound:perezvon/en/greeting,sound:perezvon/en/number.3"
        assert house.heard(PromptEnded).heard

    def test_a_prompt_that_asterisk_does_not_have_is_refused_late(self):
        house = House()
        offer = house.offered()
        house.do(Answer, offer.call_id, offer.leg_id)
        play = house.do(Play, offer.call_id, offer.leg_id, prompts=("greeting",))

        house.hear(facts.Played(str(play.command_id), heard=False))

        assert house.heard(CommandRefused).command_id == play.command_id
        assert not house.told(PromptEnded)

    def test_so_is_one_whose_order_fails_and_the_call_goes_on(self):
        house = House()
        offer = house.offered()
        house.do(Answer, offer.call_id, offer.leg_id)
        house.do(Play, offer.call_id, offer.leg_id, prompts=("greeting",))

        house.exchange.failed(next(one for one in house.orders if "/play/" in getattr(one, "path", "")), 409, NOW)
        house._go_on()

        assert house.heard(CommandRefused).reason
        assert house.exchange.next_wakeup() is None

    def test_a_supervisor_listens_muted_and_whispers_to_operators_only(self):
        house = House()
        call_id, _, operator = house.talk()
        supervisor = LegId(uuid4())
        house.do(Supervise, call_id, supervisor, to="agent:9", mode=Supervision.LISTEN)
        house.up(call_id, supervisor)
        channel = f"/channels/{call_id}.{supervisor}"
        assert ("POST", f"{channel}/mute") in house.requests()
        house.forget()

        house.do(Supervise, call_id, supervisor, to="agent:9", mode=Supervision.WHISPER)
        snoop = f"{supervisor}.{operator}.snoop"
        house.hear(facts.Arrived(facts.Channel(snoop, True, "snoop")))

        whisper = f"{call_id}.{supervisor}.whisper"
        assert house.requests() == [
            ("POST", f"/bridges/{call_id}.talk/removeChannel"),
            ("POST", f"/bridges/{whisper}"),
            ("POST", f"/bridges/{whisper}/addChannel"),
            ("DELETE", f"{channel}/mute"),
            ("POST", f"/channels/{call_id}.{operator}/snoop/{snoop}"),
            ("POST", f"/bridges/{whisper}/addChannel"),
        ]
        spies = [one.query for one in house.orders if "/snoop/" in getattr(one, "path", "")]
        assert [(one["spy"], one["whisper"]) for one in spies] == [("both", "out")]

    def test_a_snoop_that_comes_too_late_is_hung_up(self):
        house = House()

        house.hear(facts.Arrived(facts.Channel("a.b.snoop", True, "snoop")))

        assert house.requests() == [("DELETE", "/channels/a.b.snoop")]

    def test_a_recording_is_silent_while_paused_and_while_the_customer_is_held(self):
        house, recording_id = House(), uuid4()
        call_id, customer, operator = house.talk()
        house.do(StartRecording, call_id, recording_id=recording_id)
        house.do(PauseRecording, call_id, recording_id=recording_id, paused=True)
        house.do(PauseRecording, call_id, recording_id=recording_id, paused=False)
        house.do(Hold, call_id, customer)

        states = [fields["State"] for name, fields in house.actions() if name == "MixMonitorMute"]
        assert states == ["1", "0", "1"]
        for leg_id in (operator, customer):
            house.do(Clear, call_id, leg_id)
        assert [one.recording_id for one in house.orders if isinstance(one, Fetch)] == [recording_id]

    def test_a_bridge_goes_only_when_its_call_has(self):
        house = House()
        call_id, customer, operator = house.talk()

        house.hear(facts.Emptied(f"{call_id}.talk"))
        assert ("DELETE", f"/bridges/{call_id}.talk") not in house.requests()
        for leg_id in (operator, customer):
            house.do(Clear, call_id, leg_id)
        house.hear(facts.Emptied(f"{call_id}.talk"), facts.Emptied("somebody else's"))

        assert [one for one in house.requests() if one[1].startswith("/bridges") and one[0] == "DELETE"] == [
            ("DELETE", f"/bridges/{call_id}.talk")
        ]


class TestEndings:
    def test_news_of_the_end_come_many_times_and_count_once(self):
        house = House()
        house.talk()

        house.hear(facts.Left(CUSTOMER, Cause.NORMAL), facts.Released(CUSTOMER), facts.Gone(CUSTOMER, Cause.SWITCH))

        [gone] = house.told(ConnectionCleared)
        assert (gone.cause, gone.by_party) == (Cause.NORMAL, True)
        assert ("DELETE", f"/channels/{CUSTOMER}") not in house.requests()

    def test_sound_that_stays_away_is_a_lost_link(self):
        house = House()
        house.talk()

        house.hear(facts.Left(CUSTOMER, Cause.LINK_LOST))

        gone = house.heard(ConnectionCleared)
        assert (gone.cause, gone.by_party) == (Cause.LINK_LOST, False)

    def test_an_order_that_failed_since_the_party_was_going_does_not_say_why_it_went(self):
        house = House()
        call_id, customer, _ = house.talk()
        lost = Request(str(call_id), "POST", "/x", leg_id=customer, weight=Weight.NEED)

        house.exchange.failed(lost, 404, NOW)
        house.hear(facts.Left(CUSTOMER, Cause.NORMAL))

        assert house.heard(ConnectionCleared).by_party
        assert house.exchange.next_wakeup() is None

    def test_but_when_nobody_says_it_went_it_is_given_up(self):
        house = House()
        call_id, customer, _ = house.talk()
        house.exchange.failed(Request(str(call_id), "POST", "/x", leg_id=customer, weight=Weight.NEED), 404, NOW)

        house.exchange.advance(NOW + timedelta(seconds=3))
        house._go_on()

        assert house.heard(ConnectionCleared).cause is Cause.SWITCH
        assert ("DELETE", f"/channels/{CUSTOMER}") in house.requests()

    def test_a_transfer_by_a_phones_own_key_is_refused(self):
        house = House()

        house.hear(facts.TransferAsked("x.y"))

        assert house.requests() == [("POST", "/channels/x.y/transfer_progress")]


class TestSeeing:
    def test_what_is_not_there_any_more_is_over(self):
        house = House()
        house.talk()

        house.see()

        assert {event.cause for event in house.told(ConnectionCleared)} == {Cause.LINK_LOST}
        assert not house.exchange.board.calls

    def test_who_came_meanwhile_is_offered(self):
        house = House()

        house.see(facts.Channel("7.1", False, "1000", "79992", is_in=True), facts.Channel("7.2", True, "other"))

        assert [event.caller for event in house.told(Offered)] == ["79992"]

    def test_another_life_knows_all_legs_by_what_their_channels_carry(self):
        first, second = House(), House(2)
        call_id, customer, operator = first.talk()
        [memory] = [one.query["value"] for one in first.orders if getattr(one, "query", {}).get("variable") == MEMORY]
        dialled = next(one for one in first.orders if isinstance(one, Request) and one.path == "/channels")
        channels = (facts.Channel(CUSTOMER, True, is_in=True), facts.Channel(f"{call_id}.{operator}", True, is_in=True))
        memories = {CUSTOMER: memory, f"{call_id}.{operator}": dialled.body["variables"][MEMORY]}

        second.see(*channels, memories=memories, bridges={f"{call_id}.talk": tuple(memories)})

        [call] = second.exchange.board.snapshot(NOW).calls
        assert (call.call_id, call.line, call.caller) == (call_id, "1000", "79991")
        assert {(leg.leg_id, leg.answered, leg.joined) for leg in call.legs} == {
            (customer, True, True),
            (operator, True, True),
        }
        assert ("DELETE", f"/channels/{CUSTOMER}/mute") in second.requests()
        second.do(Clear, call_id, customer)
        assert second.requests()[-1] == ("DELETE", f"/channels/{CUSTOMER}")

    @pytest.mark.parametrize("memory", ["", "{", "[]", '{"call": 1}', '{"call":"x","leg":"y"}', "null"])
    def test_a_memory_that_makes_no_sense_is_none(self, memory: str):
        assert recall(memory) is None

    def test_phones_are_those_that_asterisk_reaches(self):
        house = House()

        house.see(phones=frozenset({"agent5", "agent7", "agentx", "trunk"}))
        house.exchange.phones(["agent7"], NOW)

        assert list(house.exchange.board.devices) == ["agent:7"]


class TestReading:
    @pytest.mark.parametrize(
        "event",
        [
            {},
            {"type": "ChannelTalkingStarted"},
            {"type": "StasisStart"},
            {"type": "StasisStart", "args": ["1"], "channel": None},
            {"type": "ChannelDestroyed", "channel": "x"},
            {"type": "Dial", "dialstatus": "RINGING"},
            {"type": ["list"]},
            {"type": "PlaybackFinished", "playback": {"id": 1}},
        ],
    )
    def test_what_makes_no_sense_is_no_fact(self, event: dict[str, object]):
        assert facts.read(event) is None

    @pytest.mark.parametrize(
        ("number", "cause"), [(17, Cause.BUSY), (127, Cause.NORMAL), (None, Cause.NORMAL), ("17", Cause.NORMAL)]
    )
    def test_causes(self, number: object, cause: Cause):
        assert facts.cause_of(number) is cause

    @pytest.mark.parametrize(
        ("number", "caller"), [("", None), ("Anonymous", None), ("79991", "79991"), ("9" * 99, "9" * 64)]
    )
    def test_a_caller_may_be_withheld_and_is_never_too_long(self, number: str, caller: str | None):
        assert facts.read_channel({"id": "1", "caller": {"number": number}}, ["bank"]).caller == caller

    def test_a_clock_that_is_wrong_is_not_believed(self):
        said = {"timestamp": "2026-03-02T09:00:01.000+0000"}
        assert facts.time_of(said, NOW) == NOW + timedelta(seconds=1)
        assert facts.time_of(said, NOW + timedelta(hours=1)) == NOW + timedelta(hours=1)
        assert facts.time_of({"timestamp": 5}, NOW) == NOW
