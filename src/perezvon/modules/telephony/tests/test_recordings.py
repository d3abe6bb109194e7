"""What a recording looks like, what is marked in it, and who finds it."""

from __future__ import annotations

import wave
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from django.utils import translation

from perezvon.foundation import clock
from perezvon.foundation.people.models import Role
from perezvon.modules.interactions.models import Segment
from perezvon.modules.reporting.tests.contacts import make_call, make_project, make_queue, make_user
from perezvon.modules.telephony.models import Listening, Recording
from perezvon.modules.telephony.selectors import marks_of, visible_recordings
from perezvon.modules.telephony.services import keep_peaks
from perezvon.modules.telephony.waves import COLUMNS, outline, peaks_of

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
RATE = 8000


def write(path: Path, *sides: np.ndarray) -> Path:
    sound = (np.stack(sides, axis=1) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(sides))
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(sound.tobytes())
    return path


def steps(*levels: float, seconds: float = 1.0) -> np.ndarray:
    """So loud, each for the same time."""
    return np.repeat(np.array(levels), int(RATE * seconds))


class TestPeaks:
    def test_are_the_loudest_of_each_column_side_by_side(self, tmp_path):
        path = write(tmp_path / "a.wav", steps(0, 1.0), steps(0.5, 0))

        customer, ours = peaks_of(path)

        half = COLUMNS // 2
        assert set(customer[:half]) == {0}
        assert set(customer[half:]) == {99}  # the loudest but one that sixteen bits hold
        assert set(ours[:half]) == {49}
        assert set(ours[half:]) == {0}

    def test_of_a_long_one_are_made_piece_by_piece_alike(self, tmp_path):
        """Longer than what is read at once: a knock at its very end is in the last column alone."""
        sound = np.zeros(3_000_000)
        sound[-1] = 1.0
        path = write(tmp_path / "a.wav", sound, sound)

        customer, _ours = peaks_of(path)

        assert (len(customer), set(customer[:-1]), customer[-1]) == (COLUMNS, {0}, 99)

    def test_of_one_channel_are_the_same_for_both(self, tmp_path):
        customer, ours = peaks_of(write(tmp_path / "a.wav", steps(0.25)))

        assert customer == ours
        assert set(ours) == {24}

    @pytest.mark.parametrize("content", [b"", b"RIFF", b"not a sound at all" * 10])
    def test_are_refused_of_what_is_no_sound(self, tmp_path, content):
        path = tmp_path / "a.wav"
        path.write_bytes(content)

        with pytest.raises((wave.Error, EOFError)):
            peaks_of(path)

    def test_are_drawn_away_from_the_middle_and_never_vanish(self):
        assert outline([0, 100, 25], up=True, middle=36) == "M0 36 L0 35 L1 0 L2 18 L2 36Z"
        assert outline([100], up=False, middle=36) == "M0 36 L0 72 L0 36Z"


@pytest.fixture
def queue(db):
    Role.objects.filter(code="supervisor").update(all_projects=False)
    return make_queue(make_project("loans", 1), "loans")


@pytest.fixture
def viktor(queue):
    return make_user("viktor", "supervisor", queue.project)


@pytest.fixture
def recording(queue, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    settings.RECORDINGS = tmp_path
    agent = make_user("olga", "operator", queue.project)
    contact = make_call(queue, NOW - timedelta(minutes=5), agent=agent)
    write(tmp_path / "a.wav", steps(0.1, 0.2), steps(0.2, 0.1))
    return Recording.objects.create(
        id=uuid4(), interaction=contact, call=contact.pk, began_at=contact.answered_at, path="a.wav", seconds=120.0
    )


class TestKept:
    def test_at_the_first_time(self, recording, tmp_path):
        first = keep_peaks(recording)
        (tmp_path / "a.wav").unlink()
        recording.refresh_from_db()

        assert keep_peaks(recording) == first == recording.peaks

    def test_nothing_of_what_is_gone(self, recording, tmp_path):
        (tmp_path / "a.wav").unlink()

        assert keep_peaks(recording) is None


class TestMarks:
    def test_tell_what_happened_meanwhile(self, recording, queue):
        colleague = make_user("ivan", "operator", queue.project)
        began, call = recording.began_at, recording.call
        Segment.objects.filter(interaction=recording.interaction).delete()
        for kind, at, agent in (("talk", 0, recording.interaction.agent), ("hold", 20, recording.interaction.agent),
                                ("talk", 30, recording.interaction.agent), ("talk", 60, colleague),
                                ("hold", 500, colleague)):  # fmt: skip
            Segment.objects.create(
                id=uuid4(), interaction=recording.interaction, call=call, kind=kind, agent=agent,
                began_at=began + timedelta(seconds=at),
            )  # fmt: skip

        with translation.override("en"):
            marks = marks_of(recording, "en")

        assert [(one.at_s, one.kind, one.text) for one in marks] == [
            (20.0, "hold", "On hold"),
            (60.0, "handed_over", colleague.short_name),
        ]


class TestPages:
    def test_one_finds_it_in_the_list_and_hears_it(self, recording, viktor, client):
        client.force_login(viktor)

        listed = client.get("/recordings/").content.decode()
        assert f"/recordings/{recording.pk}/page/" in listed
        page = client.get(f"/recordings/{recording.pk}/page/").content.decode()
        assert "<cc-player" in page
        assert 'class="player-customer" d="M0 36' in page
        assert Listening.objects.filter(recording=recording, by=viktor).count() == 1

    def test_without_its_sound_the_page_still_says_what_is_known(self, recording, viktor, client, tmp_path):
        (tmp_path / "a.wav").unlink()
        client.force_login(viktor)

        answer = client.get(f"/recordings/{recording.pk}/page/")

        assert answer.status_code == 200
        assert recording.interaction.agent.short_name in answer.content.decode()

    def test_are_not_for_other_projects_nor_for_operators(self, recording, client):
        stranger = make_user("stranger", "supervisor", make_project("cards", 2))
        assert not visible_recordings(stranger.actor()).exists()
        client.force_login(stranger)
        assert client.get(f"/recordings/{recording.pk}/page/").status_code == 404

        client.force_login(recording.interaction.agent)
        assert client.get("/recordings/").status_code == 403
