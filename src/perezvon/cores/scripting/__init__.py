"""Guided conversations: a scenario is drawn once, checked, and stepped through; see `model.py` for the words."""

from perezvon.cores.scripting.stepping import Access, Stage, begin, next_wakeup, step
from perezvon.cores.scripting.validating import Flaw, Surroundings, validate
from perezvon.cores.scripting.viewing import View, look

__all__ = ["Access", "Flaw", "Stage", "Surroundings", "View", "begin", "look", "next_wakeup", "step", "validate"]
