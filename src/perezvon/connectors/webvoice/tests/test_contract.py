"""The voice switch does what every telephone system must, sound included."""

import sys

from perezvon.connectors.webvoice.connector import WebVoice
from perezvon.ports.contracts import sound
from perezvon.ports.contracts import telephony as contract


class TestInbound(contract.Inbound): ...


class TestPhones(contract.Phones): ...


class TestTransfers(contract.Transfers): ...


class TestHolding(contract.Holding): ...


class TestMuting(contract.Muting): ...


class TestKeys(contract.Keys): ...


class TestPrompts(contract.Prompts): ...


class TestRecordings(contract.Recordings): ...


class TestSupervising(contract.Supervising): ...


class TestCommands(contract.Commands): ...


class TestReconnecting(contract.Reconnecting): ...


class TestTalking(sound.Talking): ...


def test_every_claim_of_the_manifest_is_proven():
    assert not contract.unproven(WebVoice.manifest.can, sys.modules[__name__])
