"""What every switch of ours has in common: calls, legs, commands and what is said about them."""

from perezvon.cores.switchboard.board import OutsidePlant, Switchboard
from perezvon.cores.switchboard.journal import Journal
from perezvon.cores.switchboard.parts import Call, Entry, Leg, Recording, is_agent

__all__ = ["Call", "Entry", "Journal", "Leg", "OutsidePlant", "Recording", "Switchboard", "is_agent"]
