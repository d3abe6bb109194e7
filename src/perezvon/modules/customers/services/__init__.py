"""Writing customers."""

from perezvon.modules.customers.services.belongings import (
    NoSuchBelonging,
    add_document,
    note_point,
    outdate_address,
    outdate_document,
    put_address,
)
from perezvon.modules.customers.services.changing import (
    LockedByType,
    Outdated,
    Revealed,
    change_point,
    restore_point,
    set_code_word,
    set_main_point,
    strike_point,
    unmask,
    update_customer,
)
from perezvon.modules.customers.services.deleting import delete_customers, restore_customers
from perezvon.modules.customers.services.merging import (
    UNDO_WITHIN,
    CannotMerge,
    CannotUndo,
    dismiss_duplicate,
    find_duplicates,
    merge_customers,
    mergeable,
    undo_merge,
)
from perezvon.modules.customers.services.noting import (
    add_comment,
    add_warning,
    lift_warning,
    set_preferences,
    set_status,
)
from perezvon.modules.customers.services.registering import add_point, quasi_customer, register_potential
from perezvon.modules.customers.services.relating import recommend, relate, unrelate
from perezvon.modules.customers.services.sources import set_sources
from perezvon.modules.customers.services.writing import FieldsWrong

__all__ = [
    "UNDO_WITHIN",
    "CannotMerge",
    "CannotUndo",
    "FieldsWrong",
    "LockedByType",
    "NoSuchBelonging",
    "Outdated",
    "Revealed",
    "add_comment",
    "add_document",
    "add_point",
    "add_warning",
    "change_point",
    "delete_customers",
    "dismiss_duplicate",
    "find_duplicates",
    "lift_warning",
    "merge_customers",
    "mergeable",
    "note_point",
    "outdate_address",
    "outdate_document",
    "put_address",
    "quasi_customer",
    "recommend",
    "register_potential",
    "relate",
    "restore_customers",
    "restore_point",
    "set_code_word",
    "set_main_point",
    "set_preferences",
    "set_sources",
    "set_status",
    "strike_point",
    "undo_merge",
    "unmask",
    "unrelate",
    "update_customer",
]
