"""Writing scenarios, and leading conversations by them."""

from perezvon.modules.scripting.services.answering import export_answers
from perezvon.modules.scripting.services.defining import (
    Changed,
    DraftChanged,
    FieldsWrong,
    Offering,
    TooLarge,
    Unfit,
    change_offering,
    create_scenario,
    publish_scenario,
    roll_back,
    save_draft,
    switch_scenario,
)
from perezvon.modules.scripting.services.running import (
    Moved,
    NotOffered,
    NotPossible,
    begin_run,
    catch_up,
    give,
    keep,
)

__all__ = [
    "Changed",
    "DraftChanged",
    "FieldsWrong",
    "Moved",
    "NotOffered",
    "NotPossible",
    "Offering",
    "TooLarge",
    "Unfit",
    "begin_run",
    "catch_up",
    "change_offering",
    "create_scenario",
    "export_answers",
    "give",
    "keep",
    "publish_scenario",
    "roll_back",
    "save_draft",
    "switch_scenario",
]
