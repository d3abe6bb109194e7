"""What the switch does with samples, without a network."""

import errno
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from perezvon.connectors.webvoice.switch import sounds
from perezvon.connectors.webvoice.switch.connection import Presence, advertise
from perezvon.connectors.webvoice.switch.exchange import Exchange
from perezvon.connectors.webvoice.switch.g711 import FRAME, RATE, SILENCE, decode, encode
from perezvon.connectors.webvoice.switch.jitter import Jitter
from perezvon.connectors.webvoice.switch.limits import Throttle
from perezvon.connectors.webvoice.switch.mixer import Voice, add, is_heard
from perezvon.connectors.webvoice.switch.recorder import Recorder, found, told
from perezvon.connectors.webvoice.switch.settings import Settings
from perezvon.connectors.webvoice.tests.browsers import Browser
from perezvon.cores.switchboard import LANGUAGES, PROMPTS, Leg
from perezvon.kernel.ids import CallId, LegId
from perezvon.ports.contracts.bench import COLLEAGUE_HZ, CUSTOMER_HZ, OPERATOR_HZ, order, read_stereo
from perezvon.ports.contracts.bench import sounds as has_tone
from perezvon.ports.telephony import (
    Answer,
    Cause,
    ConnectionCleared,
    RecordingStopped,
    StartRecording,
    Supervision,
)


def ramp(first: int) -> np.ndarray:
    """A frame in which every sample says where it stands."""
    return np.arange(first, first + FRAME).astype(np.int16)


class TestMuLaw:
    def test_codes_of_the_standard(self):
        # G.711 table 2a: the largest value is 0x80, positive zero 0xFF, and their mirrors.
        assert decode(bytes([0x80, 0x00, 0xFF, 0x7F])).tolist() == [32124, -32124, 0, 0]

    def test_every_code_survives_a_round_trip(self):
        codes = bytes(code for code in range(256) if code != 0x7F)  # negative zero comes back as zero

        assert encode(decode(codes)) == codes

    def test_error_stays_within_half_a_step(self):
        samples = np.arange(-32000, 32000, 7).astype(np.int16)

        error = np.abs(decode(encode(samples)).astype(int) - samples)

        assert (error <= np.maximum(4, np.abs(samples.astype(int)) / 16)).all()


class TestJitter:
    def test_gives_what_was_written_in_order(self):
        jitter = Jitter()
        for number in range(4):
            jitter.write(1000 + number * FRAME, ramp(number * FRAME))

        heard = np.concatenate([jitter.read() for _ in range(4)])

        assert heard.tolist() == list(range(4 * FRAME))

    def test_waits_for_a_second_packet_before_it_begins(self):
        jitter = Jitter()
        jitter.write(0, ramp(1))

        assert jitter.read() is SILENCE
        jitter.write(FRAME, ramp(1 + FRAME))
        assert jitter.read()[0] == 1

    def test_puts_packets_back_in_order(self):
        jitter = Jitter()
        for number in (0, 2, 1, 3):
            jitter.write(number * FRAME, ramp(number * FRAME))

        assert np.concatenate([jitter.read() for _ in range(4)]).tolist() == list(range(4 * FRAME))

    def test_gives_silence_for_a_packet_that_never_came(self):
        jitter = Jitter()
        for number in (0, 1, 3):
            jitter.write(number * FRAME, ramp(number * FRAME + 1))

        heard = [jitter.read() for _ in range(4)]

        assert not heard[2].any()
        assert heard[3][0] == 3 * FRAME + 1

    def test_clock_of_the_sender_may_wrap(self):
        jitter, start = Jitter(), 2**32 - 2 * FRAME
        for number in range(4):
            jitter.write((start + number * FRAME) % 2**32, ramp(number * FRAME))

        assert np.concatenate([jitter.read() for _ in range(4)]).tolist() == list(range(4 * FRAME))

    @pytest.mark.parametrize("jump", [10 * RATE, -10 * RATE], ids=["forward", "back"])
    def test_a_jump_of_the_senders_clock_is_a_new_beginning(self, jump):
        jitter, start = Jitter(), 100 * RATE
        for number in range(2):
            jitter.write(start + number * FRAME, ramp(7))
        for number in range(2):
            jitter.write(start + jump + number * FRAME, ramp(number * FRAME + 5000))

        assert jitter.read()[0] == 5000

    def test_delay_comes_down_after_a_burst(self):
        jitter = Jitter()
        for number in range(10):
            jitter.write(number * FRAME, ramp(0))
        delays = []
        for number in range(10, 2000):
            jitter.read()
            jitter.write(number * FRAME, ramp(0))
            delays.append(jitter.waiting)

        assert delays[0] == 9 * FRAME + FRAME
        assert delays[-1] <= 2 * FRAME

    def test_a_fast_clock_cannot_make_the_delay_grow(self):
        jitter, sent = Jitter(), 0
        for number in range(20_000):
            while sent <= number * 1.002:
                jitter.write(sent * FRAME, ramp(0))
                sent += 1
            jitter.read()

        assert jitter.waiting <= 4 * FRAME

    def test_forgets_what_came_while_nobody_listened(self):
        jitter = Jitter()
        for number in range(20):
            jitter.write(number * FRAME, ramp(number))

        jitter.forget()

        assert jitter.waiting == 0


class TestMixing:
    def test_a_sum_is_clipped_not_wrapped(self):
        loud = np.full(FRAME, 30000, np.int16)

        assert add([loud, loud, loud]).tolist() == [32767] * FRAME
        assert add([]) is SILENCE

    @pytest.mark.parametrize(
        ("mode", "customer", "operator", "other_supervisor"),
        [
            (None, True, True, True),
            (Supervision.BARGE, True, True, True),
            (Supervision.WHISPER, False, True, False),
            (Supervision.LISTEN, False, False, False),
        ],
    )
    def test_who_hears_a_leg_of_each_kind(self, mode, customer, operator, other_supervisor):
        speaker = joined("agent:9", mode)

        assert is_heard(speaker, joined("79161234567")) is customer
        assert is_heard(speaker, joined("agent:1")) is operator
        assert is_heard(speaker, joined("agent:2", Supervision.LISTEN)) is other_supervisor
        assert not is_heard(speaker, speaker)

    def test_nobody_hears_or_is_heard_from_hold(self):
        held, talking = joined("79161234567"), joined("agent:1")
        held.joined = False

        assert not is_heard(held, talking)
        assert not is_heard(talking, held)


def joined(address: str, mode: Supervision | None = None) -> Leg:
    return Leg(LegId(uuid4()), CallId(uuid4()), address, mode=mode, answered=True, joined=True)


class TestSounds:
    def test_the_peal_repeats_without_a_seam_or_a_test_tone(self):
        peal = sounds.bells().astype(np.float64)

        assert len(peal) % FRAME == 0
        assert abs(peal[0] - peal[-1]) < 200
        for start in range(0, len(peal), RATE):
            around = np.roll(peal, -start)[: 5 * RATE]
            assert not any(has_tone(around, hz, RATE) for hz in (CUSTOMER_HZ, OPERATOR_HZ, COLLEAGUE_HZ))

    def test_every_prompt_is_there_audible_and_short(self):
        prompts = sounds.Prompts()
        for language in LANGUAGES:
            for name in PROMPTS:
                sound = prompts.row([name], language).astype(np.float64)
                assert 0.3 * RATE < len(sound) < 8 * RATE, name
                assert np.sqrt(np.mean(sound**2)) > 1000, name

    def test_languages_sound_different_and_a_foreign_one_is_english(self):
        prompts = sounds.Prompts()
        russian, english, french = (prompts.row(["greeting"], language) for language in ("ru", "en", "fr"))

        assert not np.array_equal(russian, english)
        assert np.array_equal(french, english)

    async def test_keys_are_those_of_a_telephone(self):
        browser = Browser(None)
        browser.remember(sounds.keys("1590*#D"))

        assert browser.keys() == "1590*#D"
        await browser.close()


class SmallDisk:
    """A file on a disk with so much room left: takes what fits, then fails as the system does."""

    def __init__(self, file, room: int) -> None:
        self._file, self._end = file, file.tell() + room
        self.seek, self.close = file.seek, file.close

    def write(self, samples: bytes) -> int:
        room = self._end - self._file.tell()
        if room <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self._file.write(samples[:room])


class TestRecorder:
    def test_what_a_killed_process_leaves_can_be_played(self, tmp_path):
        call_id, recording_id = CallId(uuid4()), uuid4()
        recorder = Recorder(tmp_path, call_id, recording_id)
        for _ in range(120):
            recorder.add(np.full(FRAME, 11, np.int16), np.full(FRAME, 22, np.int16))

        # Nobody calls finish(): 2.4 s were said, whole seconds are on the disk.
        [left_behind] = found(tmp_path)

        assert (left_behind.call_id, left_behind.recording_id, left_behind.seconds) == (call_id, recording_id, 2.0)
        left, right, rate = read_stereo(left_behind.path)
        assert (set(left), set(right), len(left) / rate) == ({11.0}, {22.0}, 2.0)

    def test_a_torn_header_and_half_a_sample_are_repaired(self, tmp_path):
        recorder = Recorder(tmp_path, CallId(uuid4()), uuid4())
        for _ in range(50):
            recorder.add(ramp(0), ramp(0))
        path = next(tmp_path.glob("*.wav"))
        path.write_bytes(b"RIFF" + bytes(40) + path.read_bytes()[44:] + b"\x01\x02\x03")

        [repaired] = found(tmp_path)

        assert repaired.seconds == 1.0
        assert len(read_stereo(repaired.path)[0]) == RATE

    def test_a_finished_one_has_everything(self, tmp_path):
        recorder = Recorder(tmp_path, CallId(uuid4()), uuid4())
        for _ in range(75):
            recorder.add(ramp(0), ramp(0))

        file = recorder.finish()

        assert file.seconds == 1.5
        assert len(read_stereo(file.path)[0]) == 1.5 * RATE

    def test_a_full_disk_ends_the_file_and_nothing_else(self, tmp_path):
        recorder = Recorder(tmp_path, CallId(uuid4()), uuid4())
        recorder._file = SmallDisk(recorder._file, room=50_000)
        for _ in range(200):
            recorder.add(ramp(0), ramp(0))

        file = recorder.finish()

        assert file.seconds == 50_000 / 32_000
        assert len(read_stereo(file.path)[0]) == 50_000 / 4

    def test_those_that_were_told_are_left_alone(self, tmp_path):
        recorder = Recorder(tmp_path, CallId(uuid4()), uuid4())
        recorder.add(ramp(0), ramp(0))
        file = recorder.finish()

        told(file.path)

        assert found(tmp_path) == []
        assert [path.name for path in tmp_path.iterdir()] == [Path(file.path).name]

    @pytest.mark.parametrize("name", ["notes", f"{uuid4()}.{uuid4()}"], ids=["not ours", "moved away"])
    def test_a_mark_without_a_recording_is_forgotten(self, tmp_path, name):
        (tmp_path / f"{name}.untold").touch()

        assert found(tmp_path) == []
        assert list(tmp_path.iterdir()) == []


class TestThrottle:
    def test_allows_so_many_a_minute_for_each_address(self):
        throttle = Throttle(2)

        assert [throttle.allows("a", at) for at in (0, 1, 2)] == [True, True, False]
        assert throttle.allows("b", 2)
        assert throttle.allows("a", 60.5)
        assert not throttle.allows("a", 60.6)


class TestAdvertise:
    SDP = "m=audio 5000 UDP/TLS/RTP/SAVPF 0\r\na=candidate:ab 1 udp 2130706431 10.0.0.5 5000 typ host\r\na=mid:0\r\n"

    def test_puts_the_public_address_beside_the_machines_own(self):
        lines = advertise(self.SDP, "203.0.113.7").splitlines()

        assert lines[1:3] == [
            "a=candidate:ab 1 udp 2130706431 10.0.0.5 5000 typ host",
            "a=candidate:ab1 1 udp 2130706431 203.0.113.7 5000 typ host",
        ]

    @pytest.mark.parametrize("address", ["", "10.0.0.5"])
    def test_changes_nothing_where_there_is_nothing_to_add(self, address):
        assert advertise(self.SDP, address) == self.SDP


class TestOneBrokenCall:
    class Broken:
        """A connection that fails when it is listened to."""

        presence = Presence.HERE

        def hear(self, tick: int) -> np.ndarray:
            raise RuntimeError("broken")

        def end(self) -> None:
            pass

    async def test_is_ended_and_the_others_go_on(self, tmp_path):
        paths = {name: tmp_path / name for name in ("socket", "token_file", "spool")}
        exchange = Exchange(Settings(**paths), lambda: datetime.now(UTC))
        legs = [exchange.board.offer(line="bank", caller=None, now=datetime.now(UTC)) for _ in range(2)]
        for leg, connection in zip(legs, (self.Broken(), None), strict=True):
            exchange._voices[leg.leg_id] = Voice(connection)
            exchange.do(order(Answer, leg.call_id, leg.leg_id))
        exchange.do(order(StartRecording, legs[1].call_id, recording_id=uuid4()))

        for number in range(100):
            exchange.tick(number)

        gone = [event for event in exchange.journal.unconfirmed() if isinstance(event, ConnectionCleared)]
        assert [(event.leg_id, event.cause) for event in gone] == [(legs[0].leg_id, Cause.SWITCH)]
        await exchange.close()
        [stopped] = [event for event in exchange.journal.unconfirmed() if isinstance(event, RecordingStopped)]
        assert stopped.seconds == 2.0
