"""Routing: work that waits, people who are ready, and leases between them."""

from perezvon.cores.routing.core import RoutingCore
from perezvon.cores.routing.model import Agent, Item, Phase
from perezvon.cores.routing.words import AgentStatus, Presence, Reason, WrapUp

__all__ = ["Agent", "AgentStatus", "Item", "Phase", "Presence", "Reason", "RoutingCore", "WrapUp"]
