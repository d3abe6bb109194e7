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
from perezvon.modules.cases.models.rules import CaseRule, RuleRun, When
from perezvon.modules.cases.models.terms import CaseTerm, Promise, TermPolicy

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
    "CaseRule",
    "CaseState",
    "CaseStep",
    "CaseTerm",
    "CheckPoint",
    "Looker",
    "Priority",
    "Promise",
    "RuleRun",
    "Source",
    "Stage",
    "TermPolicy",
    "When",
]
