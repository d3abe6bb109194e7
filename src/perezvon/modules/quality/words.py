"""Evaluations in words and colours."""

from __future__ import annotations

from perezvon.modules.quality.models import State

STATE_TONES = {
    State.DRAFT: "accent",
    State.PUBLISHED: "",
    State.ACCEPTED: "good",
    State.APPEALED: "warn",
    State.UPHELD: "",
}
