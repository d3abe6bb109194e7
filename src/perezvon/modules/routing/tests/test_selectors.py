"""What the log of states tells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from perezvon.foundation.people.models import Role, User
from perezvon.modules.routing.models import AgentState
from perezvon.modules.routing.selectors import shift_began_at

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def olga(db) -> User:
    role = Role.objects.get(code="operator")
    return User.objects.create_user("olga", last_name="Petrova", first_name="Olga", role=role)


def goes_through(user: User, *statuses: str) -> None:
    """One after the other, an hour each; the last one lasts."""
    for hour, status in enumerate(statuses):
        began = NINE + timedelta(hours=hour)
        ended = began + timedelta(hours=1) if hour < len(statuses) - 1 else None
        AgentState.objects.create(agent=user, status=status, began_at=began, ended_at=ended)


class TestTheShift:
    @pytest.mark.parametrize(
        ("statuses", "hour"),
        [
            ([], None),
            (["not_ready", "ready"], 9),
            (["ready", "out"], None),
            (["ready", "out", "not_ready", "ready"], 11),
        ],
        ids=["never", "the first", "over", "the second"],
    )
    def test_begins_with_the_first_state_after_the_last_off(self, olga, statuses, hour):
        goes_through(olga, *statuses)

        began = shift_began_at(olga.pk)

        assert (began.hour if began else None) == hour
