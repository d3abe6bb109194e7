"""Routing: work that waits, people who are ready, and leases between them."""

from perezvon.cores.routing.core import Agent, Item, Phase, RoutingCore
from perezvon.cores.routing.words import AgentStatus, Presence, Reason, WrapUp

__all__ = ["Agent", "AgentStatus", "Item", "Phase", "Presence", "Reason", "RoutingCore", "WrapUp"]
