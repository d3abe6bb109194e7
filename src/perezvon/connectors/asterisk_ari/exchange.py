"""An Asterisk as the board's outside plant: facts in, orders out. It neither waits nor sends anything itself.

The board decides what a command does; here it is found out what that takes of Asterisk, and what Asterisk's news
mean for the board. A channel that we make has an id made of its call's and its leg's, known before it is asked for,
since news of it often come before the answer. A channel that came in gets the same knowledge as a variable.

News may also contradict us: an order that fails because its channel is just going must not end the leg for the wrong
reason. So a leg whose order failed is doubted for a while, and only then given up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from perezvon.connectors.asterisk_ari import facts
from perezvon.connectors.asterisk_ari.orders import (
    MEMORY,
    RECORDING,
    Action,
    Fetch,
    Order,
    Request,
    Weight,
    Wire,
    channel_of,
    is_our_bridge,
    is_snoop,
    recall,
    remember,
    spool_name,
    talk_bridge,
)
from perezvon.connectors.asterisk_ari.settings import APP, PHONE, SOUNDS, TRUNK
from perezvon.connectors.asterisk_ari.wiring import Wiring
from perezvon.cores.switchboard import LANGUAGES, Call, Entry, Leg, Recording, Switchboard
from perezvon.kernel.ids import LegId
from perezvon.ports.telephony import Answer, CallCommand, Cause, Dial, Play

_DOUBT = timedelta(seconds=2)
_SPARE_S = 5
_AT_ONCE = {
    "PJSIP_HEADER(add,Call-Info)": "<sip:perezvon>;answer-after=0",
    "PJSIP_HEADER(add,Alert-Info)": "auto-answer",
}


@dataclass(frozen=True, slots=True)
class Sight:
    """How an Asterisk stands: channels, the variables of those that we have marked, bridges with who is in them."""

    channels: tuple[facts.Channel, ...]
    memories: Mapping[str, str]
    recordings: Mapping[str, str]
    bridges: Mapping[str, tuple[str, ...]]
    phones: frozenset[str]


class Exchange:
    """One Asterisk. chance: gives n random bytes, for ids."""

    def __init__(self, chance: Callable[[int], bytes]) -> None:
        self.board = Switchboard(self, chance)
        self._wiring = Wiring(APP)
        self._legs: dict[str, LegId] = {}
        self._orders: list[Order] = []
        self._doubts: dict[LegId, datetime] = {}
        self._shown = ""
        self._muted: dict[UUID, bool] = {}

    # --- what comes in ----------------------------------------------------------------------------

    def take(self) -> tuple[list[Entry], list[Order]]:
        """What was said and what is to be ordered since the last time, each in order."""
        for call in self.board.calls.values():
            self._orders += self._wiring.sync(call)
            self._mute_recording(call)
        orders, self._orders = self._orders, []
        return self.board.take(), orders

    def handle(self, command: CallCommand, now: datetime) -> None:
        """A ringing phone is asked to answer; it says itself whether it does. All else is the board's."""
        if isinstance(command, Answer) and self._is_ringing_phone(command):
            self._ask_to_answer(command)
            return
        self._shown = command.shown if isinstance(command, Dial) else ""
        self.board.handle(command, now)

    def hear(self, fact: facts.Fact, now: datetime) -> None:
        """Something happened. What is not about a leg of ours changes nothing."""
        match fact:
            case facts.Arrived():
                self._arrived(fact, now)
            case facts.Played():
                self._played(fact, now)
            case facts.Emptied(bridge_id):
                self._emptied(bridge_id)
            case facts.TransferAsked(channel_id):
                path = f"/channels/{channel_id}/transfer_progress"
                self._order(Request("", "POST", path, {"states": "channel_declined"}))
            case facts.Rang() | facts.Left() | facts.Gone() | facts.Released() | facts.Pressed():
                if (leg := self._leg(fact.channel_id)) is not None:
                    self._happened(leg, fact, now)
            case _:
                pass

    def phones(self, reachable: Iterable[str], now: datetime) -> None:
        """Exactly these phones can be reached now. reachable: what Asterisk calls them."""
        here = {address for name in reachable if (address := _address_of(name))}
        for address in [*self.board.devices, *sorted(here)]:
            self.board.device(address, reachable=address in here, now=now)

    def failed(self, request: Request, status: int, now: datetime) -> None:
        """An order came to nothing; for some that means an end."""
        leg = self.board.leg(request.leg_id) if request.leg_id else None
        if leg is None or request.weight is Weight.WISH:
            return
        if request.weight is Weight.REACH:
            self._wiring.wires[leg.leg_id].is_gone = True
            self.board.drop(leg.leg_id, now, Cause.SWITCH if status == 409 else Cause.UNREACHABLE)
        elif leg.prompt is not None and request.path.endswith(f"/play/{leg.prompt}"):
            self._wiring.wires[leg.leg_id].playback = None
            self.board.prompt_failed(leg.leg_id, leg.prompt, now)
        else:
            self._doubts.setdefault(leg.leg_id, now + _DOUBT)

    def next_wakeup(self) -> datetime | None:
        return min((at for at in (self.board.next_wakeup(), *self._doubts.values()) if at), default=None)

    def advance(self, now: datetime) -> None:
        self.board.advance(now)
        for leg_id, until in list(self._doubts.items()):
            if until <= now:
                del self._doubts[leg_id]
                self.board.drop(leg_id, now, Cause.SWITCH)

    def see(self, sight: Sight, now: datetime) -> None:
        """The truth after a time without news: what is not there any more is over, what is there is ours."""
        there = {channel.channel_id: channel for channel in sight.channels}
        for leg in [leg for call in self.board.calls.values() for leg in call.legs.values()]:
            self._compare(leg, there, now)
        for channel in sight.channels:
            if channel.channel_id not in self._legs and not is_snoop(channel.channel_id):
                self._find(channel, sight, now)
        self._see_bridges(sight)
        self.phones(sight.phones, now)

    # --- news of channels -------------------------------------------------------------------------

    def _leg(self, channel_id: str) -> Leg | None:
        leg_id = self._legs.get(channel_id)
        return self.board.leg(leg_id) if leg_id else None

    def _arrived(self, fact: facts.Arrived, now: datetime) -> None:
        channel = fact.channel
        if is_snoop(channel.channel_id):
            self._snoop_arrived(channel.channel_id)
        elif (leg := self._leg(channel.channel_id)) is not None:
            if leg.ring_until is None:
                return
            self._wiring.wires[leg.leg_id].is_in = True
            self.board.ring_back(leg.leg_id, now)
            self.board.pick_up(leg.leg_id, now)
        elif fact.replaces or not channel.line:
            self._order(Request("", "DELETE", f"/channels/{channel.channel_id}"))
        else:
            self._offer(channel, now)

    def _offer(self, channel: facts.Channel, now: datetime) -> None:
        leg = self.board.offer(line=channel.line, caller=channel.caller, now=now, record=channel.record)
        self._legs[channel.channel_id] = leg.leg_id
        self._wiring.wires[leg.leg_id] = Wire(channel.channel_id, is_in=True)
        # Without the subscription no ChannelDestroyed would tell why it ended: it came through the dialplan.
        subscribe = {"eventSource": f"channel:{channel.channel_id}"}
        line, memory = str(leg.call_id), remember(leg, self.board.calls[leg.call_id])
        self._order(Request(line, "POST", f"/applications/{APP}/subscription", subscribe, leg_id=leg.leg_id))
        self._order(
            Request(line, "POST", f"/channels/{channel.channel_id}/variable", {"variable": MEMORY, "value": memory})
        )
        self._order(Request(line, "POST", f"/channels/{channel.channel_id}/ring"))

    def _snoop_arrived(self, channel_id: str) -> None:
        """It hears and speaks from now on, when its supervisor still whispers."""
        for leg_id, wire in self._wiring.wires.items():
            leg = self.board.leg(leg_id)
            if leg is not None and channel_id in wire.snoops.values() and wire.bridge:
                self._order(
                    Request(str(leg.call_id), "POST", f"/bridges/{wire.bridge}/addChannel", {"channel": channel_id})
                )
                return
        self._order(Request("", "DELETE", f"/channels/{channel_id}"))

    def _happened(
        self, leg: Leg, fact: facts.Rang | facts.Left | facts.Gone | facts.Released | facts.Pressed, now: datetime
    ) -> None:
        match fact:
            case facts.Rang() if not leg.answer_at_once:
                self.board.ring_back(leg.leg_id, now)
            case facts.Pressed(digit=digit):
                self.board.press(leg.leg_id, digit, now)
            case facts.Left(cause=cause):
                theirs = leg.answered or leg.ring_until is None or cause is Cause.DECLINED
                if leg.answered and cause is not Cause.LINK_LOST:
                    cause = Cause.NORMAL
                self._over(leg, cause, now, by_party=theirs and cause is not Cause.LINK_LOST)
            case facts.Gone(cause=cause):
                self._over(leg, cause, now)
            case facts.Released():
                self._over(leg, Cause.NORMAL, now)
            case _:
                pass

    def _over(self, leg: Leg, cause: Cause, now: datetime, *, by_party: bool = False) -> None:
        self._wiring.wires[leg.leg_id].is_gone = True
        self.board.drop(leg.leg_id, now, cause, by_party=by_party)

    def _played(self, fact: facts.Played, now: datetime) -> None:
        for leg_id, wire in self._wiring.wires.items():
            if wire.playback is not None and str(wire.playback) == fact.playback_id:
                command_id, wire.playback = wire.playback, None
                tell = self.board.prompt_over if fact.heard else self.board.prompt_failed
                tell(leg_id, command_id, now)
                return

    def _emptied(self, bridge_id: str) -> None:
        """A bridge goes when its call has, or when its supervisor has left it; never while it may be needed."""
        used = {wire.bridge for wire in self._wiring.wires.values()}
        talks = {talk_bridge(call_id) for call_id in self.board.calls}
        if is_our_bridge(bridge_id) and bridge_id not in used | talks:
            self._wiring.bridges.discard(bridge_id)
            self._order(Request(bridge_id.split(".")[0], "DELETE", f"/bridges/{bridge_id}"))

    # --- after a time without news ----------------------------------------------------------------

    def _compare(self, leg: Leg, there: Mapping[str, facts.Channel], now: datetime) -> None:
        wire = self._wiring.wires[leg.leg_id]
        channel = there.get(wire.channel_id)
        if channel is None:
            self._over(leg, Cause.LINK_LOST, now)
        elif channel.is_in and channel.is_up and not leg.answered and leg.ring_until is not None:
            wire.is_in = True
            self.board.ring_back(leg.leg_id, now)
            self.board.pick_up(leg.leg_id, now)

    def _find(self, channel: facts.Channel, sight: Sight, now: datetime) -> None:
        """A channel that we do not know: of a life before this one, or a caller who came meanwhile."""
        known = recall(sight.memories.get(channel.channel_id, ""))
        if known is None:
            if channel.is_in and channel.line:
                self._offer(channel, now)
            return
        leg = known.leg
        leg.ring_until = now + timedelta(seconds=_SPARE_S) if known.dialled else None
        leg.delivered = True
        leg.answered = channel.is_up
        leg.music = "default" if channel.is_up else ""
        leg.joined = any(channel.channel_id in inside for inside in sight.bridges.values())
        self._legs[channel.channel_id] = leg.leg_id
        # Whether it is muted nobody can say, so it is made as the board has it: heard.
        self._wiring.wires[leg.leg_id] = Wire(channel.channel_id, is_in=channel.is_in, muted=True)
        self.board.adopt(leg, line=known.line, caller=known.caller)
        self._find_recording(leg, sight.recordings.get(channel.channel_id, ""), now)

    def _find_recording(self, leg: Leg, memory: str, now: datetime) -> None:
        try:
            recording_id = UUID(memory)
        except ValueError:
            return
        self.board.calls[leg.call_id].recording = Recording(recording_id, leg.call_id, now)

    def _see_bridges(self, sight: Sight) -> None:
        inside = {channel_id: bridge_id for bridge_id, there in sight.bridges.items() for channel_id in there}
        for wire in self._wiring.wires.values():
            wire.bridge = inside.get(wire.channel_id)
            wire.music = False
        self._wiring.bridges = {bridge_id for bridge_id in sight.bridges if is_our_bridge(bridge_id)}
        for bridge_id, there in sight.bridges.items():
            if not there:
                self._emptied(bridge_id)

    # --- the outside plant, for the board ---------------------------------------------------------

    def ring(self, leg: Leg, now: datetime) -> None:
        """An operator's phone is asked by its name; a number goes to the trunk."""
        if leg.is_agent and len(self.board.legs_at(leg.address)) > 1:
            self.board.drop(leg.leg_id, now, Cause.BUSY)
            return
        endpoint = _endpoint_of(leg.address)
        if endpoint is None:
            self.board.drop(leg.leg_id, now, Cause.UNREACHABLE if leg.is_agent else Cause.INVALID_NUMBER)
            return
        call = self.board.calls[leg.call_id]
        self._wiring.wires[leg.leg_id] = Wire(channel_of(leg))
        self._legs[channel_of(leg)] = leg.leg_id
        variables = {MEMORY: remember(leg, call), **(_AT_ONCE if leg.answer_at_once else {})}
        lasts_s = (leg.ring_until - now).total_seconds() if leg.ring_until else 30
        query = {
            "endpoint": endpoint,
            "app": APP,
            "appArgs": "leg",
            "channelId": channel_of(leg),
            "timeout": str(math.ceil(lasts_s) + _SPARE_S),
        }
        if shown := self._caller_id(leg, call):
            query["callerId"] = shown
        body: dict[str, object] = {"variables": variables}
        order = Request(str(leg.call_id), "POST", "/channels", query, body, leg.leg_id, Weight.REACH)
        self._order(order)

    def settled(self, leg: Leg, now: datetime) -> None:
        """The wiring is compared in `take`; only the first answer of a caller is an order of its own."""
        wire = self._wiring.wires[leg.leg_id]
        if leg.ring_until is None and not leg.joined and not leg.music:
            self._order(
                Request(
                    str(leg.call_id),
                    "POST",
                    f"/channels/{wire.channel_id}/answer",
                    leg_id=leg.leg_id,
                    weight=Weight.NEED,
                )
            )

    def play(self, leg: Leg, command: Play, now: datetime) -> None:
        wire = self._wiring.wires[leg.leg_id]
        self._orders += self._wiring.sync(self.board.calls[leg.call_id])  # music and the prompt before end first
        wire.playback = command.command_id
        language = command.language if command.language in LANGUAGES else "en"
        media = ",".join(f"sound:{SOUNDS}/{language}/{name}" for name in command.prompts)
        path = f"/channels/{wire.channel_id}/play/{command.command_id}"
        self._order(Request(str(leg.call_id), "POST", path, {"media": media}, leg_id=leg.leg_id, weight=Weight.NEED))

    def send_digits(self, leg: Leg, digits: str, now: datetime) -> None:
        path = f"/channels/{self._wiring.wires[leg.leg_id].channel_id}/dtmf"
        self._order(Request(str(leg.call_id), "POST", path, {"dtmf": digits}))

    def cleared(self, leg: Leg, cause: Cause, now: datetime) -> None:
        wire = self._wiring.wires.pop(leg.leg_id, None)
        self._doubts.pop(leg.leg_id, None)
        if wire is None:
            return
        self._legs.pop(wire.channel_id, None)
        self._orders += self._wiring.loosen(leg, wire)
        if not wire.is_gone:
            query = {"reason_code": str(facts.number_of(Cause.NORMAL if leg.answered else cause))}
            self._order(Request(str(leg.call_id), "DELETE", f"/channels/{wire.channel_id}", query))

    def record(self, call: Call, recording: Recording) -> None:
        """On the customer's channel: what he says is one side, what he hears the other."""
        leg = call.customer or next(iter(call.legs.values()))
        channel_id, line = self._wiring.wires[leg.leg_id].channel_id, str(call.call_id)
        file = f"../recording/{spool_name(call.call_id, recording.recording_id)}.raw"
        fields = {"Channel": channel_id, "File": file, "options": "D"}
        self._order(Action(line, "MixMonitor", fields))
        memory = {"variable": RECORDING, "value": str(recording.recording_id)}
        self._order(Request(line, "POST", f"/channels/{channel_id}/variable", memory))
        self._muted[recording.recording_id] = False

    def finish_recording(self, call: Call, recording: Recording, now: datetime) -> None:
        self._muted.pop(recording.recording_id, None)
        self._order(Fetch(str(call.call_id), call.call_id, recording.recording_id))

    # --- more orders ------------------------------------------------------------------------------

    def _order(self, order: Order) -> None:
        self._orders.append(order)

    def _mute_recording(self, call: Call) -> None:
        """Silence while it is paused, and while the customer is held: music and prompts are nobody's talk."""
        recording, customer = call.recording, call.customer
        if recording is None or customer is None:
            return
        wanted = recording.is_paused or not customer.joined
        if wanted != self._muted.get(recording.recording_id):
            self._muted[recording.recording_id] = wanted
            channel_id = self._wiring.wires[customer.leg_id].channel_id
            fields = {"Channel": channel_id, "Direction": "both", "State": "1" if wanted else "0"}
            self._order(Action(str(call.call_id), "MixMonitorMute", fields))

    def _is_ringing_phone(self, command: Answer) -> bool:
        leg = self.board.leg(command.leg_id)
        return leg is not None and leg.call_id == command.call_id and leg.is_agent and not leg.answered

    def _ask_to_answer(self, command: Answer) -> None:
        """By the event `talk`, which desk phones know (BroadSoft's remote control)."""
        channel_id = self._wiring.wires[command.leg_id].channel_id
        self._order(Action(str(command.call_id), "PJSIPNotify", {"Channel": channel_id, "Variable": "Event=talk"}))

    def _caller_id(self, leg: Leg, call: Call) -> str:
        """An operator sees who calls, the world what it is to see."""
        number = self._shown or ((call.caller or "") if leg.is_agent else call.line)
        return number if facts.is_number(number) else ""


def _endpoint_of(address: str) -> str | None:
    """What to dial. None for what cannot be meant, so that nothing foreign gets into the dial string."""
    if address.startswith("agent:"):
        name = address.removeprefix("agent:")
        return f"PJSIP/{PHONE}{name}" if name.isascii() and name.isdecimal() else None
    return f"PJSIP/{address}@{TRUNK}" if facts.is_number(address) else None


def _address_of(resource: str) -> str | None:
    name = resource.removeprefix(PHONE)
    return f"agent:{name}" if resource.startswith(PHONE) and name.isascii() and name.isdecimal() else None
