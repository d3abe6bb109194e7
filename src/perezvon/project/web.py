"""The web process: pages, API and event streams under granian."""

from __future__ import annotations

import os

from granian import Granian
from granian.constants import Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels

from perezvon.project.environment import environment

# Every open desk holds one request for as long as its event stream lives; granian's own limit is 512 a worker.
_OPEN_REQUESTS = 8192
_HEAD_LIMIT = 8192  # of a request's head: a larger one costs each connection 10 kB for as long as it is open


def run(arguments: list[str]) -> int:
    """Serve until told to stop. arguments: nothing, or the number of worker processes."""
    env = environment()
    (env.home / "static").mkdir(exist_ok=True)  # whitenoise warns of a folder that is not there
    Granian(
        "perezvon.project.asgi:application",
        address=env.listen,
        port=env.port,
        interface=Interfaces.ASGI,  # the hub and the relay live as long as the server
        workers=int(arguments[0]) if arguments else min(2, os.cpu_count() or 1),
        backlog=1024,
        backpressure=_OPEN_REQUESTS,
        http1_settings=HTTP1Settings(max_buffer_size=_HEAD_LIMIT),
        log_level=LogLevels.warning,
        ssl_cert=env.tls_cert,
        ssl_key=env.tls_key,
        ssl_protocol_min=SSLProtocols.tls12,
        workers_kill_timeout=2,  # an open event stream would hold the end up for longer than 40 s
        respawn_failed_workers=True,
        respawn_interval=0.1,  # on SIGHUP the old worker goes at once, requests wait for the new one
    ).serve()
    return 0
