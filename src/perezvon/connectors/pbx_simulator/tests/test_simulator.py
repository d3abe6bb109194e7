import pytest

from perezvon.connectors.pbx_simulator.scripts import FarEnd, Outcome, Phone, Press, Script, WhoEnds
from perezvon.connectors.pbx_simulator.simulator import FinishedRecording, Simulator, World
from perezvon.connectors.pbx_simulator.tests.day import ANNA, OLGA, VIKTOR, anna, at, kinds, new_leg, offered, order
from perezvon.kernel.ids import CallId
from perezvon.ports.telephony import (
    Answer,
    Cause,
    Clear,
    CommandRefused,
    ConnectionCleared,
    Delivered,
    DeviceChanged,
    Dial,
    Digits,
    Established,
    Hold,
    Join,
    Joined,
    Offered,
    PauseRecording,
    Play,
    PromptEnded,
    RecordingStopped,
    StartRecording,
    Supervise,
    Supervision,
)


def talk(simulator: Simulator, seconds: float = 0) -> tuple[CallId, object, object]:
    """Anna and Olga are connected by the engine's usual commands. Gives call, Anna's leg, Olga's leg."""
    simulator.operator_comes(OLGA, at(seconds), Phone(answers_after_s=None))
    call = offered(simulator, at(seconds))
    simulator.handle(order(Answer, call.call_id, call.leg_id), at(seconds))
    olga = new_leg()
    simulator.handle(order(Dial, call.call_id, olga, to=OLGA), at(seconds))
    simulator.handle(order(Answer, call.call_id, olga), at(seconds))
    for leg in (call.leg_id, olga):
        simulator.handle(order(Join, call.call_id, leg), at(seconds))
    return call.call_id, call.leg_id, olga


class TestCaller:
    def test_arrives_at_the_time_of_the_script(self):
        simulator = Simulator(scripts=[anna()])

        assert simulator.next_wakeup() == at(0)
        assert simulator.advance(at(-0.001)) == []
        event = offered(simulator, at(5))
        assert (event.line, event.caller, event.at, event.record) == ("bank", ANNA, at(0), True)

    def test_hangs_up_when_patience_ends_in_the_queue(self):
        simulator = Simulator(scripts=[anna(patience_s=30)])
        call = offered(simulator, at(0))
        simulator.handle(order(Answer, call.call_id, call.leg_id), at(1))
        simulator.handle(order(Hold, call.call_id, call.leg_id), at(1))

        [gone] = simulator.advance(at(60))

        assert isinstance(gone, ConnectionCleared)
        assert (gone.at, gone.cause, gone.by_party) == (at(30), Cause.NORMAL, True)
        assert simulator.snapshot(at(60)).calls == ()

    def test_stays_when_somebody_talks_to_him_in_time(self):
        simulator = Simulator(scripts=[anna(patience_s=30)])
        call_id, _, _ = talk(simulator)

        assert simulator.advance(at(600)) == []
        assert [call.call_id for call in simulator.snapshot(at(600)).calls] == [call_id]

    def test_calls_back_once_after_losing_patience(self):
        simulator = Simulator(scripts=[anna(patience_s=30, calls_back_after_s=60)])

        day = simulator.advance(at(3600))

        assert kinds(day) == ["Offered", "ConnectionCleared"] * 2
        assert [event.at for event in day] == [at(0), at(30), at(90), at(120)]
        assert len({event.call_id for event in day}) == 2

    def test_presses_keys_after_the_answer(self):
        simulator = Simulator(scripts=[anna(presses=(Press(2, "1"), Press(4, "23")))])
        call = offered(simulator, at(0))
        simulator.handle(order(Answer, call.call_id, call.leg_id), at(10))

        pressed = simulator.advance(at(20))

        assert [(event.digits, event.at) for event in pressed if isinstance(event, Digits)] == [
            ("1", at(12)),
            ("23", at(14)),
        ]

    @pytest.mark.parametrize(("ends", "index"), [(WhoEnds.CALLER, 1), (WhoEnds.OPERATOR, 2)])
    def test_talk_ends_by_whom_the_script_says(self, ends, index):
        simulator = Simulator(scripts=[anna(talk_s=40, ends=ends)])
        parties = talk(simulator)

        [gone] = simulator.advance(at(100))

        assert (gone.leg_id, gone.at, gone.by_party) == (parties[index], at(40), True)

    def test_may_withhold_number_and_refuse_recording(self):
        script = Script(arrives_at=at(0), line="bank", caller=None, record=False)

        call = offered(Simulator(scripts=[script]), at(0))

        assert (call.caller, call.record) == (None, False)


class TestOperatorPhone:
    def test_rings_and_answers_when_told(self):
        simulator = Simulator(scripts=[anna()])
        simulator.operator_comes(OLGA, at(0))
        call, olga = offered(simulator, at(0)), new_leg()

        [rings] = simulator.handle(order(Dial, call.call_id, olga, to=OLGA), at(1))
        [answered] = simulator.handle(order(Answer, call.call_id, olga), at(2))

        assert isinstance(rings, Delivered)
        assert isinstance(answered, Established)

    def test_rings_out(self):
        simulator = Simulator(scripts=[anna()])
        simulator.operator_comes(OLGA, at(0))
        call = offered(simulator, at(0))
        simulator.handle(order(Dial, call.call_id, new_leg(), to=OLGA, ring_s=15), at(1))

        assert simulator.advance(at(15.9)) == []
        [gone] = simulator.advance(at(20))
        assert (gone.cause, gone.at, gone.by_party) == (Cause.NO_ANSWER, at(16), False)

    def test_answers_at_once_when_the_dial_says_so(self):
        simulator = Simulator(scripts=[anna()])
        simulator.operator_comes(OLGA, at(0))
        call = offered(simulator, at(0))

        said = simulator.handle(order(Dial, call.call_id, new_leg(), to=OLGA, answer_at_once=True), at(1))

        assert kinds(said) == ["Delivered", "Established"]

    def test_answers_by_itself_in_runs_without_people(self):
        simulator = Simulator(scripts=[anna()])
        simulator.operator_comes(OLGA, at(0), Phone(answers_after_s=3))
        call = offered(simulator, at(0))
        simulator.handle(order(Dial, call.call_id, new_leg(), to=OLGA), at(1))

        [answered] = simulator.advance(at(10))

        assert isinstance(answered, Established)
        assert answered.at == at(4)

    @pytest.mark.parametrize(
        ("prepare", "cause"),
        [
            (lambda _: None, Cause.UNREACHABLE),
            (lambda simulator: simulator.operator_leaves(OLGA, at(0)), Cause.UNREACHABLE),
            (lambda simulator: talk(simulator), Cause.BUSY),
        ],
        ids=["never came", "went away", "is talking already"],
    )
    def test_cannot_be_rung(self, prepare, cause):
        simulator = Simulator(scripts=[anna()])
        prepare(simulator)

        said = simulator.handle(order(Dial, CallId(new_leg()), new_leg(), to=OLGA), at(1))

        assert [event.cause for event in said if isinstance(event, ConnectionCleared)] == [cause]

    def test_takes_its_leg_along_when_it_leaves(self):
        simulator = Simulator(scripts=[anna()])
        _, _, olga = talk(simulator)

        simulator.operator_leaves(OLGA, at(5))
        away, gone = simulator.advance(at(5))

        assert isinstance(away, DeviceChanged)
        assert not away.reachable
        assert (gone.leg_id, gone.cause, gone.by_party) == (olga, Cause.LINK_LOST, False)


class TestDialling:
    @pytest.mark.parametrize(
        ("far_end", "number", "said", "cause"),
        [
            (FarEnd(outcome=Outcome.BUSY), ANNA, ["ConnectionCleared"], Cause.BUSY),
            (FarEnd(outcome=Outcome.UNREACHABLE), ANNA, ["ConnectionCleared"], Cause.UNREACHABLE),
            (FarEnd(outcome=Outcome.INVALID), ANNA, ["ConnectionCleared"], Cause.INVALID_NUMBER),
            (FarEnd(outcome=Outcome.DECLINES), ANNA, ["Delivered", "ConnectionCleared"], Cause.DECLINED),
            (FarEnd(outcome=Outcome.NO_ANSWER), ANNA, ["Delivered", "ConnectionCleared"], Cause.NO_ANSWER),
            (FarEnd(), "not a number", ["ConnectionCleared"], Cause.INVALID_NUMBER),
        ],
        ids=["busy", "unreachable", "invalid", "declined", "no answer", "letters"],
    )
    def test_ends_with_the_cause(self, far_end, number, said, cause):
        simulator = Simulator(world=World(far_ends={ANNA: far_end}))
        simulator.handle(order(Dial, CallId(new_leg()), new_leg(), to=number, ring_s=20), at(0))

        events = simulator.advance(at(60))

        assert kinds(events) == said
        assert events[-1].cause is cause

    def test_is_answered_and_later_ended_by_the_far_end(self):
        simulator = Simulator(world=World(far_ends={ANNA: FarEnd(after_s=5, talk_s=30)}))
        call, leg = CallId(new_leg()), new_leg()
        simulator.handle(order(Dial, call, leg, to=ANNA, shown="74950000000"), at(0))
        assert kinds(simulator.advance(at(6))) == ["Delivered", "Established"]
        assert simulator.snapshot(at(6)).calls[0].line == "74950000000"

        simulator.handle(order(Join, call, leg), at(10))

        [gone] = simulator.advance(at(60))
        assert (gone.at, gone.by_party) == (at(40), True)

    def test_is_in_the_snapshot_before_it_rings(self):
        simulator = Simulator()
        leg = new_leg()

        assert simulator.handle(order(Dial, CallId(new_leg()), leg, to=ANNA), at(0)) == []

        assert [one.leg_id for one in simulator.snapshot(at(0)).calls[0].legs] == [leg]


class TestSupervision:
    def test_enters_at_once_and_changes_how(self):
        simulator = Simulator(scripts=[anna()])
        call, _, _ = talk(simulator)
        simulator.operator_comes(VIKTOR, at(1))
        simulator.advance(at(1))
        leg = new_leg()

        entered = simulator.handle(order(Supervise, call, leg, to=VIKTOR, mode=Supervision.LISTEN), at(2))
        changed = simulator.handle(order(Supervise, call, leg, to=VIKTOR, mode=Supervision.WHISPER), at(3))

        assert kinds(entered) == ["Delivered", "Established", "Joined"]
        assert kinds(changed) == ["Joined"]
        assert simulator.board.leg(leg).mode is Supervision.WHISPER

    def test_does_not_make_an_operator_a_supervisor(self):
        simulator = Simulator(scripts=[anna()])
        call, _, olga = talk(simulator)

        [no] = simulator.handle(order(Supervise, call, olga, to=OLGA, mode=Supervision.LISTEN), at(2))

        assert isinstance(no, CommandRefused)
        assert no.reason == "not_supervising"


class TestCommands:
    def test_the_same_id_twice_does_nothing(self):
        simulator = Simulator(scripts=[anna()])
        call = offered(simulator, at(0))
        answer = order(Answer, call.call_id, call.leg_id)

        assert kinds(simulator.handle(answer, at(1))) == ["Established"]
        assert simulator.handle(answer, at(2)) == []

    @pytest.mark.parametrize(
        ("kind", "more", "reason"),
        [
            (Join, {}, "not_answered"),
            (Hold, {}, "not_answered"),
            (Play, {"prompts": ("greeting",)}, "not_answered"),
        ],
    )
    def test_refuse_an_unanswered_leg(self, kind, more, reason):
        simulator = Simulator(scripts=[anna()])
        call = offered(simulator, at(0))

        [no] = simulator.handle(order(kind, call.call_id, call.leg_id, **more), at(1))

        assert isinstance(no, CommandRefused)
        assert no.reason == reason

    @pytest.mark.parametrize("kind", [Answer, Join, Hold, Clear])
    def test_refuse_an_unknown_leg(self, kind):
        simulator = Simulator(scripts=[anna()])
        call = offered(simulator, at(0))
        wrong = order(kind, call.call_id, new_leg())

        [no] = simulator.handle(wrong, at(1))

        assert (no.command_id, no.reason) == (wrong.command_id, "unknown_leg")

    def test_nobody_can_pick_up_for_the_outside_world(self):
        simulator = Simulator()
        call, leg = CallId(new_leg()), new_leg()
        simulator.handle(order(Dial, call, leg, to=ANNA), at(0))

        [no] = simulator.handle(order(Answer, call, leg), at(0.1))

        assert no.reason == "not_ours_to_answer"


class TestPrompts:
    def test_end_after_their_length(self):
        simulator = Simulator(scripts=[anna()], world=World(prompt_s=2))
        call = offered(simulator, at(0))
        simulator.handle(order(Answer, call.call_id, call.leg_id), at(0))
        play = order(Play, call.call_id, call.leg_id, prompts=("greeting", "number.3"))
        assert simulator.handle(play, at(0)) == []

        [ended] = simulator.advance(at(10))

        assert isinstance(ended, PromptEnded)
        assert (ended.command_id, ended.at) == (play.command_id, at(4))

    def test_are_cut_short_by_a_join(self):
        simulator = Simulator(scripts=[anna()])
        call = offered(simulator, at(0))
        simulator.handle(order(Answer, call.call_id, call.leg_id), at(0))
        simulator.handle(order(Play, call.call_id, call.leg_id, prompts=("greeting",)), at(0))

        said = simulator.handle(order(Join, call.call_id, call.leg_id), at(0.5))

        assert [type(event) for event in said] == [PromptEnded, Joined]
        assert simulator.advance(at(60)) == []


class TestRecording:
    def test_is_complete_when_the_call_is_over(self):
        files: list[FinishedRecording] = []
        simulator = Simulator(scripts=[anna()], world=World(spool="/spool"), write=files.append)
        call, customer, olga = talk(simulator)
        recording = new_leg()
        simulator.handle(order(StartRecording, call, recording_id=recording), at(0))
        simulator.handle(order(PauseRecording, call, recording_id=recording, paused=True), at(4))
        simulator.handle(order(PauseRecording, call, recording_id=recording, paused=False), at(6))
        simulator.handle(order(Clear, call, olga), at(10))

        said = simulator.handle(order(Clear, call, customer), at(10))

        assert [type(event) for event in said] == [ConnectionCleared, RecordingStopped]
        assert files == [FinishedRecording(call, f"/spool/{recording}.wav", 10.0, ((4.0, 6.0),))]
        assert (said[1].path, said[1].seconds, said[1].recording_id) == (files[0].path, 10.0, recording)


def test_the_same_seed_and_scripts_make_the_same_day():
    scripts = [anna(patience_s=30, calls_back_after_s=60), anna(patience_s=5)]

    days = [Simulator(seed=7, scripts=scripts).advance(at(3600)) for _ in range(2)]

    assert days[0] == days[1]
    assert [event.at for event in days[0]] == sorted(event.at for event in days[0])
    assert Simulator(seed=8, scripts=scripts).advance(at(3600)) != days[0]
    assert len([event for event in days[0] if isinstance(event, Offered)]) == 3
