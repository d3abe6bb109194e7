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
from perezvon.modules.scripting.models.sums import DayOfRuns, DayOfStays, DayOfSteps, SummedUp

__all__ = [
    "DayOfRuns",
    "DayOfStays",
    "DayOfSteps",
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
    "SummedUp",
    "Whom",
]
