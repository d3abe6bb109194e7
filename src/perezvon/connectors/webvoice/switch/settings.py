"""What a voice switch must be told about its machine and its limits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """socket: where it is controlled, at most 107 bytes. token_file: made at the first start, readable by its owner.

    spool: where recordings grow. addresses: offered to browsers, exactly these; empty means all of the machine's.
    public_address: what the outside world calls this machine, offered beside them (PEREZVON_VOICE_ADDRESS).
    turn_url, turn_user, turn_password: a relay for browsers behind closed networks.
    legs: connections at the same time. offers_per_minute: from one address. park_s: how long a call waits for an
    operator whose page went away. quiet_s: after so much silence on the wire a party in a call counts as gone.
    connect_s: how long a browser may take. echo_s: how long an equipment test lasts.
    """

    socket: Path
    token_file: Path
    spool: Path
    addresses: tuple[str, ...] = ()
    public_address: str = ""
    turn_url: str = ""
    turn_user: str = ""
    turn_password: str = ""
    legs: int = 120
    offers_per_minute: int = 20
    body_bytes: int = 64 * 1024
    park_s: float = 20.0
    quiet_s: float = 6.0
    connect_s: float = 15.0
    echo_s: float = 120.0
