"""Writing contacts: what the engine registers by itself, and what people add."""

from perezvon.modules.interactions.selectors import NoSuchInteraction
from perezvon.modules.interactions.services.past import WriteUp, record_past
from perezvon.modules.interactions.services.recording import (
    begin,
    begin_segment,
    end,
    end_segment,
    refuse_recording,
    wrap_up_over,
)
from perezvon.modules.interactions.services.writing import (
    AlreadyWritten,
    FieldsMissing,
    add_note,
    add_topic,
    clarify_number,
    close,
    link_customer,
    name_speaker,
    register_visit,
    remove_topic,
    save_result,
)

__all__ = [
    "AlreadyWritten",
    "FieldsMissing",
    "NoSuchInteraction",
    "WriteUp",
    "add_note",
    "add_topic",
    "begin",
    "begin_segment",
    "clarify_number",
    "close",
    "end",
    "end_segment",
    "link_customer",
    "name_speaker",
    "record_past",
    "refuse_recording",
    "register_visit",
    "remove_topic",
    "save_result",
    "wrap_up_over",
]
