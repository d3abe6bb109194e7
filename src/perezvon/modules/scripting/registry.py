"""Where modules add what a conversation can do, and what it may speak of."""

from perezvon.modules.scripting.actions import Action, CannotDo, Doing, Opening, Parameter, register_action
from perezvon.modules.scripting.knowledge import register_term

__all__ = ["Action", "CannotDo", "Doing", "Opening", "Parameter", "register_action", "register_term"]
