"""Service levels: until when something was promised, how much of that is left, and what is to be done about it."""

from perezvon.cores.sla.judging import earliest, explain, judge, judge_all, next_wakeup
from perezvon.cores.sla.steps import DueStep, Step, next_step, steps_due
from perezvon.cores.sla.words import Event, Happening, Kind, Part, Policy, State, Target, Verdict

__all__ = [
    "DueStep",
    "Event",
    "Happening",
    "Kind",
    "Part",
    "Policy",
    "State",
    "Step",
    "Target",
    "Verdict",
    "earliest",
    "explain",
    "judge",
    "judge_all",
    "next_step",
    "next_wakeup",
    "steps_due",
]
