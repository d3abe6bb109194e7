"""Commands and events of the telephony port as JSON, for both ends of the socket."""

from __future__ import annotations

from perezvon.kernel.codec import Codec, family
from perezvon.ports.telephony import CallCommand, CallEvent, DeviceChanged, LegEvent, Snapshot

COMMANDS = Codec(*family(CallCommand))
EVENTS = Codec(*(kind for kind in family(CallEvent) if kind is not LegEvent), DeviceChanged, Snapshot)

HEARTBEAT_S = 5.0
