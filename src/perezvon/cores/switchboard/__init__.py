"""What every switch of ours has in common: calls, legs, commands and what is said about them."""

from perezvon.cores.switchboard.board import CannotDo, OutsidePlant, Switchboard
from perezvon.cores.switchboard.journal import Journal
from perezvon.cores.switchboard.parts import Call, Entry, Leg, Recording, is_agent
from perezvon.cores.switchboard.prompts import LANGUAGES, NUMBERS_TO, PROMPTS

__all__ = [
    "LANGUAGES",
    "NUMBERS_TO",
    "PROMPTS",
    "Call",
    "CannotDo",
    "Entry",
    "Journal",
    "Leg",
    "OutsidePlant",
    "Recording",
    "Switchboard",
    "is_agent",
]
