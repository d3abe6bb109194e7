"""How the engine's state is written as JSON."""

from __future__ import annotations

from perezvon.cores.calls.core import Recent
from perezvon.cores.calls.model import Call
from perezvon.cores.routing import Agent, Item
from perezvon.kernel.codec import Codec

STATE = Codec(Call, Agent, Item, Recent)
