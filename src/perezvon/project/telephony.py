"""`perezvon telephony`: what an Asterisk needs to be ours, and whether it is."""

from __future__ import annotations

import argparse
import asyncio
import wave
from pathlib import Path

from perezvon.connectors.asterisk_ari.configuration import Wishes, files, phone_password
from perezvon.connectors.asterisk_ari.proof import prove
from perezvon.connectors.webvoice.switch.g711 import RATE, Samples
from perezvon.connectors.webvoice.switch.sounds import Prompts, bells
from perezvon.cores.switchboard import LANGUAGES, PROMPTS
from perezvon.foundation import clock
from perezvon.kernel.errors import PerezvonError
from perezvon.modules.routing.models import Agent
from perezvon.project.engine import asterisk_of
from perezvon.project.environment import Environment, environment
from perezvon.project.users import WrongInput


def run(arguments: list[str]) -> int:
    """`config`, `phones` or `check`."""
    given = _read(arguments)
    env = environment()
    if not env.asterisk_url:
        raise WrongInput(why="PEREZVON_ASTERISK_URL names no Asterisk; PEREZVON_ASTERISK_PASSWORD is needed with it.")
    acts = {"config": _config, "phones": _phones, "check": _check}
    return acts[given.act](env, given)


def write_sounds(folder: Path) -> None:
    """Our prompts and our music, where an Asterisk with `folder` as its data directory finds them."""
    prompts = Prompts()
    for language in LANGUAGES:
        for name in PROMPTS:
            _write(folder / "sounds" / "perezvon" / language / f"{name}.wav", prompts.row((name,), language))
    _write(folder / "perezvon-moh" / "bells.wav", bells())


def _write(path: Path, sound: Samples) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(sound.astype("<i2").tobytes())


def _read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="perezvon telephony", description="An Asterisk as the telephone system.")
    acts = parser.add_subparsers(required=True, metavar="ACT", dest="act")
    config = acts.add_parser("config", help="write its configuration and sounds to a folder")
    config.add_argument("folder", type=Path)
    config.add_argument(
        "--trunk", default="", metavar="HOST[:PORT]", help="the provider or gateway; absent: no calls outside"
    )
    config.add_argument("--listen", default="0.0.0.0:5060", metavar="ADDRESS:PORT", help="of SIP; %(default)s")
    acts.add_parser("phones", help="names and passwords for the operators' phones")
    acts.add_parser("check", help="prove with a test call that it is there, set up and ours")
    return parser.parse_args(arguments)


def _config(env: Environment, given: argparse.Namespace) -> int:
    agents = tuple(Agent.objects.filter(user__is_active=True).order_by("user_id").values_list("user_id", flat=True))
    host, port = _http(env)
    try:
        wishes = Wishes(
            user=env.asterisk_user,
            password=env.asterisk_password,
            secret=env.secret_key,
            agents=agents,
            trunk=given.trunk,
            listen=given.listen,
            http=(host, port),
            manager=env.asterisk_manager,
        )
    except ValueError as wrong:
        raise WrongInput(why=str(wrong)) from wrong
    etc = given.folder / "etc"
    try:
        etc.mkdir(parents=True, exist_ok=True)
        for name, text in files(wishes).items():
            path = etc / name
            path.touch(mode=0o600)
            path.write_text(text)
        write_sounds(given.folder / "data")
    except OSError as problem:
        raise WrongInput(why=f"{given.folder} cannot be written: {problem.strerror}.") from problem
    print(f"{etc}: for Asterisk's folder of configuration. They hold passwords: only their owner may read them.")
    print(f"{given.folder / 'data'}: for its data folder (astdatadir), mostly /var/lib/asterisk.")
    print(f"{len(agents)} phones; `perezvon telephony phones` says their names and passwords.")
    return 0


def _phones(env: Environment, _given: argparse.Namespace) -> int:
    for agent in Agent.objects.filter(user__is_active=True).select_related("user").order_by("user_id"):
        print(f"agent{agent.user_id:<10} {phone_password(env.secret_key, agent.user_id)}  {agent.user.full_name}")
    return 0


def _check(env: Environment, _given: argparse.Namespace) -> int:
    """One line for each thing that was tried; 1 when something is wrong."""
    try:
        for line in asyncio.run(prove(asterisk_of(env), clock.now)):
            print(line)
    except PerezvonError as wrong:
        print(wrong)
        return 1
    return 0


def _http(env: Environment) -> tuple[str, int]:
    """Host and port of the URL; TLS in front of it is somebody else's."""
    host, _, port = env.asterisk_url.partition("://")[2].rpartition(":")
    return (host, int(port)) if host and port.isdigit() else (port, 8088)
