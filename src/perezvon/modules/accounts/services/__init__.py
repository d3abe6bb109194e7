"""Signing in and out: passwords, one-time codes, sessions, acting in another's name."""

from perezvon.modules.accounts.services.passwords import (
    TooManyAttempts,
    WrongCredentials,
    check_digits,
    check_password,
    find_login,
    must_not_be_locked,
    note_failure,
)
from perezvon.modules.accounts.services.sessions import (
    SEEN_EVERY,
    end_all_sessions,
    end_session,
    forget_device,
    note_seen,
    note_sign_in,
    note_sign_out,
)

__all__ = [
    "SEEN_EVERY",
    "TooManyAttempts",
    "WrongCredentials",
    "check_digits",
    "check_password",
    "end_all_sessions",
    "end_session",
    "find_login",
    "forget_device",
    "must_not_be_locked",
    "note_failure",
    "note_seen",
    "note_sign_in",
    "note_sign_out",
]
