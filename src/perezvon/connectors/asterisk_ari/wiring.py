"""How channels have to be wired for a call to be as the board says: the difference, as requests.

the leg is ...                 its channel is in ...                      and hears
held                           nothing                                    a prompt, music or silence
joined                         the call's bridge                          the others
a supervisor who listens       the call's bridge, muted                   everybody
a supervisor who whispers      a bridge of his own with snoop channels    the operators and whom they hear
a supervisor who barges        the call's bridge                          everybody
"""

from __future__ import annotations

from collections.abc import Iterator

from perezvon.connectors.asterisk_ari.orders import Request, Weight, Wire, talk_bridge, whisper_bridge
from perezvon.cores.switchboard import Call, Leg
from perezvon.kernel.ids import LegId
from perezvon.ports.telephony import Supervision


class Wiring:
    """Of all calls. app: the name of our application in Asterisk."""

    def __init__(self, app: str) -> None:
        self.wires: dict[LegId, Wire] = {}
        self.bridges: set[str] = set()
        self._app = app

    def sync(self, call: Call) -> Iterator[Request]:
        """What is missing, held to be done from now on."""
        for leg in call.legs.values():
            wire = self.wires.get(leg.leg_id)
            if wire is not None and wire.is_in and leg.answered and not wire.is_gone:
                yield from self._place(call, leg, wire)
                yield from self._mute(leg, wire)
                yield from self._snoop(call, leg, wire)

    def loosen(self, leg: Leg, wire: Wire) -> Iterator[Request]:
        """The leg is over: what hung on it goes too."""
        for snoop in wire.snoops.values():
            yield Request(str(leg.call_id), "DELETE", f"/channels/{snoop}")
        wire.snoops.clear()

    def _place(self, call: Call, leg: Leg, wire: Wire) -> Iterator[Request]:
        wanted = _bridge_of(leg)
        if wire.playback is not None and wire.playback != leg.prompt:
            yield self._order(leg, "DELETE", f"/playbacks/{wire.playback}")
            wire.playback = None
        wants_music = wanted is None and bool(leg.music) and leg.prompt is None
        if wire.music and not wants_music:
            yield self._order(leg, "DELETE", f"/channels/{wire.channel_id}/moh")
            wire.music = False
        if wire.bridge is not None and wire.bridge != wanted:
            yield self._order(leg, "POST", f"/bridges/{wire.bridge}/removeChannel", {"channel": wire.channel_id})
            wire.bridge = None
        if wanted is not None and wire.bridge is None:
            yield from self._make(call, wanted)
            query = {"channel": wire.channel_id}
            yield self._order(leg, "POST", f"/bridges/{wanted}/addChannel", query, weight=Weight.NEED)
            wire.bridge = wanted
        if wants_music and not wire.music:
            query = {"mohClass": leg.music} if leg.music.isidentifier() else {}
            yield self._order(leg, "POST", f"/channels/{wire.channel_id}/moh", query)
            wire.music = True

    def _make(self, call: Call, bridge_id: str) -> Iterator[Request]:
        if bridge_id not in self.bridges:
            self.bridges.add(bridge_id)
            query = {"type": "mixing,dtmf_events", "name": bridge_id}
            yield Request(str(call.call_id), "POST", f"/bridges/{bridge_id}", query)

    def _mute(self, leg: Leg, wire: Wire) -> Iterator[Request]:
        wanted = leg.muted or leg.mode is Supervision.LISTEN
        if wanted != wire.muted:
            method, weight = ("POST", Weight.NEED) if wanted else ("DELETE", Weight.WISH)
            yield self._order(leg, method, f"/channels/{wire.channel_id}/mute", {"direction": "in"}, weight=weight)
            wire.muted = wanted

    def _snoop(self, call: Call, leg: Leg, wire: Wire) -> Iterator[Request]:
        """One snoop channel for each operator who is to hear the whisper; the first brings back what is said."""
        listeners = _listeners(call) if leg.joined and leg.mode is Supervision.WHISPER else []
        if not wire.snoops.keys() <= set(listeners):  # the one that brings the sound may be among those that went
            yield from self.loosen(leg, wire)
        for leg_id in listeners:
            spied = self.wires.get(leg_id)
            if leg_id in wire.snoops or spied is None or spied.is_gone:
                continue
            snoop = f"{leg.leg_id}.{leg_id}.snoop"
            spy = "none" if wire.snoops else "both"
            wire.snoops[leg_id] = snoop
            query = {"spy": spy, "whisper": "out", "app": self._app, "appArgs": "snoop"}
            yield Request(str(call.call_id), "POST", f"/channels/{spied.channel_id}/snoop/{snoop}", query)

    def _order(
        self, leg: Leg, method: str, path: str, query: dict[str, str] | None = None, weight: Weight = Weight.WISH
    ) -> Request:
        return Request(str(leg.call_id), method, path, query or {}, leg_id=leg.leg_id, weight=weight)


def _bridge_of(leg: Leg) -> str | None:
    if not leg.joined:
        return None
    return whisper_bridge(leg) if leg.mode is Supervision.WHISPER else talk_bridge(leg.call_id)


def _listeners(call: Call) -> list[LegId]:
    return [leg.leg_id for leg in call.joined() if leg.is_agent and leg.mode is None]
