from perezvon.modules.cases.models.cases import (
    Act,
    Approval,
    Case,
    CaseEntry,
    CaseFollower,
    CaseLink,
    CheckPoint,
    Looker,
    Source,
)
from perezvon.modules.cases.models.kinds import (
    CaseCategory,
    CaseKind,
    CaseMacro,
    CaseState,
    CaseStep,
    Priority,
    Stage,
)

__all__ = [
    "Act",
    "Approval",
    "Case",
    "CaseCategory",
    "CaseEntry",
    "CaseFollower",
    "CaseKind",
    "CaseLink",
    "CaseMacro",
    "CaseState",
    "CaseStep",
    "CheckPoint",
    "Looker",
    "Priority",
    "Source",
    "Stage",
]
