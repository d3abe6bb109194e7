"""The sounds that every switch of ours has, by name; in Russian and in English."""

NUMBERS_TO = 20
LANGUAGES = ("ru", "en")

PROMPTS = frozenset(
    {
        "greeting",
        "recording_notice",
        "not_recorded",
        "please_wait",
        "place_in_queue",
        "all_busy",
        "closed",
        "call_back_later",
        *(f"number.{number}" for number in range(1, NUMBERS_TO + 1)),
    }
)
