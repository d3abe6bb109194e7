"""Writing scenarios."""

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

__all__ = [
    "Changed",
    "DraftChanged",
    "FieldsWrong",
    "Offering",
    "TooLarge",
    "Unfit",
    "change_offering",
    "create_scenario",
    "publish_scenario",
    "roll_back",
    "save_draft",
    "switch_scenario",
]
