"""Who hears whom, 20 ms at a time.

A held leg hears its prompt, or music, or silence. A joined leg hears every other joined leg that may be heard by it.
When all whom a joined leg could talk with are parked (their pages went away), it hears music meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from perezvon.connectors.webvoice.switch import sounds
from perezvon.connectors.webvoice.switch.connection import Connection
from perezvon.connectors.webvoice.switch.g711 import FRAME, SILENCE, Samples
from perezvon.connectors.webvoice.switch.recorder import Recorder
from perezvon.cores.switchboard import Call, Leg
from perezvon.kernel.ids import LegId
from perezvon.ports.telephony import Supervision

type Frames = dict[LegId, Samples]


@dataclass(slots=True)
class Tape:
    """Something played once, from `at`."""

    sound: Samples
    at: int = 0

    def next(self) -> Samples:
        frame = self.sound[self.at : self.at + FRAME]
        self.at += FRAME
        return frame if len(frame) == FRAME else np.concatenate((frame, SILENCE[len(frame) :]))

    @property
    def is_over(self) -> bool:
        return self.at >= len(self.sound)


@dataclass(slots=True)
class Voice:
    """What belongs to a leg as far as sound goes. music_at: each caller hears the peal from its beginning."""

    connection: Connection | None = None
    prompt: Tape | None = None
    keys: Tape | None = None
    music_at: int = 0


@dataclass(slots=True)
class Mixer:
    """Mixes one call after the other; `voice` is asked for each leg's sound."""

    music: Samples = field(default_factory=sounds.bells)

    def mix(self, call: Call, voices: dict[LegId, Voice], recorder: Recorder | None, tick: int) -> list[Leg]:
        """One tick of one call. Gives the legs whose prompt ended in it."""
        legs = [leg for leg in call.legs.values() if leg.answered]
        said = self._listen(legs, voices, tick)
        ended = []
        for leg in legs:
            voice = voices[leg.leg_id]
            frame = self._conversation(leg, legs, voices, said) if leg.joined else self._waiting(leg, voice)
            if voice.connection is not None:
                voice.connection.say(self._with_keys(voice, frame), tick)
            if voice.prompt is not None and voice.prompt.is_over:
                voice.prompt = None
                ended.append(leg)
        if recorder is not None:
            recorder.add(*_channels(call, legs, said))
        return ended

    def _listen(self, legs: Iterable[Leg], voices: dict[LegId, Voice], tick: int) -> Frames:
        said = {}
        for leg in legs:
            connection = voices[leg.leg_id].connection
            heard = connection.hear(tick) if connection is not None else SILENCE
            said[leg.leg_id] = SILENCE if leg.muted else heard
        return said

    def _conversation(self, leg: Leg, legs: list[Leg], voices: dict[LegId, Voice], said: Frames) -> Samples:
        others = [other for other in legs if is_heard(other, leg)]
        if others and all(voices[other.leg_id].connection is None for other in others):
            return self._play_music(voices[leg.leg_id])
        return add(said[other.leg_id] for other in others)

    def _waiting(self, leg: Leg, voice: Voice) -> Samples:
        if leg.prompt is not None and voice.prompt is not None:
            return voice.prompt.next()
        return self._play_music(voice) if leg.music else SILENCE

    def _play_music(self, voice: Voice) -> Samples:
        frame = self.music[voice.music_at : voice.music_at + FRAME]
        voice.music_at = (voice.music_at + FRAME) % len(self.music)
        return frame

    def _with_keys(self, voice: Voice, frame: Samples) -> Samples:
        if voice.keys is None:
            return frame
        tone = voice.keys.next()
        if voice.keys.is_over:
            voice.keys = None
        return tone


def is_heard(speaker: Leg, listener: Leg) -> bool:
    """Whether what `speaker` says reaches `listener`, both of one call."""
    if speaker is listener or not (speaker.joined and listener.joined):
        return False
    match speaker.mode:
        case Supervision.LISTEN:
            return False
        case Supervision.WHISPER:
            return listener.is_agent and listener.mode is None
        case _:
            return True


def add(frames: Iterable[Samples]) -> Samples:
    """The sum, clipped where it would overflow."""
    parts = list(frames)
    if not parts:
        return SILENCE
    if len(parts) == 1:
        return parts[0]
    return np.clip(np.sum(parts, axis=0, dtype=np.int32), -32768, 32767).astype(np.int16)


def _channels(call: Call, legs: list[Leg], said: Frames) -> tuple[Samples, Samples]:
    """Customer left, the others right; only what the conversation could hear."""
    if call.recording is not None and call.recording.is_paused:
        return SILENCE, SILENCE
    customer = call.customer
    open_to_all = [leg for leg in legs if leg.joined and leg.mode in (None, Supervision.BARGE)]
    left = [said[leg.leg_id] for leg in open_to_all if leg is customer]
    right = [said[leg.leg_id] for leg in open_to_all if leg is not customer]
    return add(left), add(right)
