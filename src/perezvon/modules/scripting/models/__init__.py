from perezvon.modules.scripting.models.definitions import (
    Direction,
    Form,
    Phase,
    Scenario,
    ScenarioDraft,
    ScenarioVersion,
    Whom,
)

__all__ = ["Direction", "Form", "Phase", "Scenario", "ScenarioDraft", "ScenarioVersion", "Whom"]
