from perezvon.modules.scripting.models.definitions import (
    Direction,
    Form,
    Phase,
    Scenario,
    ScenarioDraft,
    ScenarioVersion,
    Whom,
)
from perezvon.modules.scripting.models.runs import Run, RunStep

__all__ = ["Direction", "Form", "Phase", "Run", "RunStep", "Scenario", "ScenarioDraft", "ScenarioVersion", "Whom"]
