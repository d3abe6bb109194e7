"""kill -9 of each process in the middle of a call: nothing recorded is lost, the desk finds its way by itself."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import wave
from contextlib import suppress

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect

from perezvon.modules.telephony.models import EngineLead, Recording
from tests.support import eventually
from tests.support.desk import Desk
from tests.support.system import is_alive

# Whether "Saving is interrupted" is on the screen, each time that the live stream has said something about saving.
NOTES_WHAT_IS_SEEN = """() => {
  window.seen = [];
  const look = () => window.seen.push(document.querySelector(".callbar-warning").checkVisibility());
  new MutationObserver(look).observe(document.documentElement, { attributeFilter: ["data-saving"] });
}"""


def test_the_engine_is_killed_in_a_talk(talking):
    talking.kill("engine")
    talking.desk.is_in("talking")
    _hold_works(talking)
    talking.customer_hangs_up()
    talking.write_up()
    talking.is_whole(ended_by="customer")
    _recording_is_there(talking)


def test_the_web_is_killed_in_a_talk(talking):
    talking.kill("web")
    talking.desk.wait_until_live()
    talking.customer.is_in("talking")
    _hold_works(talking)
    talking.customer_hangs_up()
    talking.write_up()
    talking.is_whole(ended_by="customer")
    _recording_is_there(talking)


def test_the_worker_is_killed_in_a_talk(talking):
    talking.kill("worker")
    _hold_works(talking)
    talking.customer_hangs_up()
    talking.write_up()
    talking.is_whole(ended_by="customer")


def test_the_database_is_killed_in_a_talk(talking):
    page = talking.desk.page
    page.evaluate(NOTES_WHAT_IS_SEEN)
    talking.kill("postgres")
    eventually(talking.centre.system.answers, within=30)
    eventually(lambda: page.evaluate("window.seen.length === 2"), within=30)
    assert page.evaluate("window.seen") == [True, False]
    talking.desk.wait_until_live()
    _hold_works(talking)
    talking.customer_hangs_up()
    talking.write_up()
    talking.is_whole(ended_by="customer")
    _recording_is_there(talking)


def test_the_voice_is_killed_in_a_talk(talking):
    # Sound is written each second: of a talk that is shorter nothing is there yet.
    expect(talking.desk.pill).to_contain_text(re.compile(r"\d:(0[3-9]|[1-5]\d)"))
    talking.kill("voice")
    talking.customer.is_in("ended")
    talking.desk.is_in("wrapup")
    talking.write_up()
    talking.is_whole(ended_by="link")
    _recording_is_there(talking)


def test_a_leader_that_slept_writes_nothing_more(talking):
    system = talking.centre.system
    leader = system.roles["engine"]
    epoch = EngineLead.objects.get().epoch
    standby = subprocess.Popen(
        [sys.executable, "-m", "perezvon.project.cli", "engine"],
        env=system.variables | {"PEREZVON_SIMULATOR": "0"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        os.kill(leader, signal.SIGSTOP)
        eventually(lambda: EngineLead.objects.get().epoch > epoch, within=60)
        _hold_works(talking)
        newest = EngineLead.objects.get().epoch
        os.kill(leader, signal.SIGCONT)
        eventually(lambda: not is_alive(leader), within=30)
        assert EngineLead.objects.get().epoch == newest
        talking.customer_hangs_up()
        talking.write_up()
        talking.is_whole(ended_by="customer")
    finally:
        standby.terminate()
        standby.wait(timeout=20)


def _hold_works(talking) -> None:
    """Clicks reach the switch again, and their outcome the desk. One that came too early is told so, and repeated."""
    for act, outcome in (("hold", "held"), ("retrieve", "talking")):
        eventually(lambda act=act, outcome=outcome: _pressed(talking.desk, act, outcome), within=60)


def _pressed(desk: Desk, act: str, outcome: str) -> bool:
    button = desk.bar.locator(f"[data-action={act}]:not([disabled]):not([data-pending])")
    if button.count():
        with suppress(PlaywrightError):  # drawn anew under the pointer
            button.click(timeout=1_000)
    return desk.bar.get_attribute("data-state") == outcome


def _recording_is_there(talking) -> None:
    done = Recording.objects.filter(interaction__in=talking.branch.contacts.all()).exclude(path="")
    recording = eventually(lambda: done.first(), within=30)
    with wave.open(str(talking.centre.system.env.recordings / recording.path)) as sound:
        assert sound.getnframes() > 0
