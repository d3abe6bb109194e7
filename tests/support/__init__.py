"""What tests of every module share."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable

from asgiref.sync import sync_to_async
from django.db import connection

_STEP_S = 0.02


def eventually[T](check: Callable[[], T], within: float = 10.0) -> T:
    """The first true result of `check`. An AssertionError inside it means "not yet", like a false result.

    After `within` seconds the test fails and shows the last state.
    """
    deadline = time.monotonic() + within
    while True:
        state, result = _look(check)
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s; last state: {state}")
        time.sleep(_STEP_S)


async def eventually_async[T](check: Callable[[], T | Awaitable[T]], within: float = 10.0) -> T:
    """The same on an event loop, which runs on meanwhile. `check` may be a coroutine function."""
    deadline = time.monotonic() + within
    while True:
        state: object = None
        try:
            found = check()
            result = await found if inspect.isawaitable(found) else found
            state = result
            if result:
                return result
        except AssertionError as error:
            state = error
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s; last state: {state!r}")
        await asyncio.sleep(_STEP_S)


def _look[T](check: Callable[[], T]) -> tuple[object, T | None]:
    try:
        result = check()
    except AssertionError as error:
        return error, None
    return repr(result), result


def in_database[**P, T](function: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """`function` for a coroutine to await. Its thread keeps no connection: the database may be made anew after it."""

    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        finally:
            connection.close()

    return sync_to_async(run)
