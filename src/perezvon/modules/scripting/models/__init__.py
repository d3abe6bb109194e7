from perezvon.modules.scripting.models.definitions import (
    Direction,
    Form,
    Phase,
    Scenario,
    ScenarioDraft,
    ScenarioVersion,
    Whom,
)
from perezvon.modules.scripting.models.invitations import Invitation
from perezvon.modules.scripting.models.runs import Run, RunAnswer, RunStep

__all__ = [
    "Direction",
    "Form",
    "Invitation",
    "Phase",
    "Run",
    "RunAnswer",
    "RunStep",
    "Scenario",
    "ScenarioDraft",
    "ScenarioVersion",
    "Whom",
]
