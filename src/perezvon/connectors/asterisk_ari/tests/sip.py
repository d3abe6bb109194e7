"""People with telephones on 127.0.0.1: enough of SIP, RTP and RFC 4733 to be called, to talk and to press keys."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import struct
from collections.abc import Callable
from itertools import count
from uuid import uuid4

import numpy as np

from perezvon.connectors.webvoice.switch.g711 import FRAME, RATE, decode, encode

_KEYS = "0123456789*#ABCD"
_EVENTS = 101


class Message:
    """A request or an answer."""

    def __init__(self, text: str) -> None:
        head, _, self.body = text.partition("\r\n\r\n")
        self.first, *lines = head.split("\r\n")
        self.headers = [
            (key.strip().lower(), value.strip()) for key, _, value in (line.partition(":") for line in lines)
        ]

    def __getitem__(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    @property
    def method(self) -> str:
        return self["cseq"].split()[-1]

    @property
    def status(self) -> int:
        """0 for a request."""
        return int(self.first.split()[1]) if self.first.startswith("SIP/2.0") else 0


class Media(asyncio.DatagramProtocol):
    """A tone out, whatever comes in."""

    def __init__(self, hz: float | None) -> None:
        self.keys = ""
        self._heard: list[np.ndarray] = []
        self._far: tuple[str, int] | None = None
        self._last_event = -1
        self._pressing: list[str] = []
        self._event: list[tuple[int, bytes]] = []
        self._quiet_since = 0.0
        at = np.arange(RATE) / RATE
        tone = 8000 * np.sin(2 * np.pi * hz * at) if hz else np.zeros(RATE)
        self._tone = encode(tone.astype(np.int16))
        self._speaking: asyncio.Task[None] | None = None

    async def open(self) -> int:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, ("127.0.0.1", 0))
        return self._transport.get_extra_info("sockname")[1]

    def speak_to(self, sdp: str) -> None:
        port = re.search(r"m=audio (\d+)", sdp)
        if port and int(port[1]):
            self._far = ("127.0.0.1", int(port[1]))
        if self._speaking is None:
            self._speaking = asyncio.create_task(self._speak())

    def press(self, digits: str) -> None:
        self._pressing += digits

    def last(self, seconds: float) -> np.ndarray:
        self._fill()
        heard = np.concatenate(self._heard[-round(seconds * 50) :]) if self._heard else np.zeros(0)
        return heard[-round(seconds * RATE) :].astype(np.float64)

    @property
    def frames(self) -> int:
        self._fill()
        return len(self._heard)

    def _fill(self) -> None:
        """When nothing comes, nothing is heard."""
        gap = round((asyncio.get_running_loop().time() - self._quiet_since) * 50) if self._heard else 0
        if gap > 5:
            self._heard += [np.zeros(FRAME, np.int16)] * gap
            self._quiet_since += gap / 50

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        kind, stamp, payload = data[1] & 127, data[4:8], data[12:]
        if kind == 0:
            self._fill()
            self._heard.append(decode(payload))
            self._quiet_since = asyncio.get_running_loop().time()
        elif kind == _EVENTS and payload[1] & 128 and stamp != self._last_event:
            self._last_event = stamp
            self.keys += _KEYS[payload[0]]

    async def _speak(self) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in count():
            if not self._event:
                at = number * FRAME % RATE
                self._send(0, number, number * FRAME, self._tone[at : at + FRAME])
            else:
                self._send(_EVENTS, number, *self._event.pop(0))
            if self._pressing and not self._event:
                self._event = _key(self._pressing.pop(0), number + 1)
            await asyncio.sleep(max(0.0, began + (number + 1) * 0.02 - loop.time()))

    def _send(self, kind: int, number: int, stamp: int, payload: bytes) -> None:
        if self._far and not self._transport.is_closing():
            header = struct.pack("!BBHII", 128, kind, number & 0xFFFF, stamp & 0xFFFFFFFF, 7)
            self._transport.sendto(header + payload, self._far)

    def close(self) -> None:
        if self._speaking:
            self._speaking.cancel()
        self._transport.close()


def _key(key: str, number: int) -> list[tuple[int, bytes]]:
    """The packets of one key: 100 ms, its end said three times, then a pause."""
    steps = [(min(step + 1, 6) * FRAME, 128 if step >= 5 else 0) for step in range(8)]
    return [(number * FRAME, struct.pack("!BBH", _KEYS.index(key), end | 10, lasts)) for lasts, end in steps]


class Dialog:
    """One call of a telephone."""

    def __init__(self, invite: Message | None, media: Media, port: int) -> None:
        self.invite, self.media, self.rtp_port = invite, media, port
        self.call_id = invite["call-id"] if invite else uuid4().hex
        self.tag, self.far_tag = uuid4().hex[:8], ""
        self.target, self.answered, self.over, self.is_known = "", False, False, False
        self.cseq = 1
        self.rings = asyncio.Event()


class Telephone(asyncio.DatagramProtocol):
    """hz: what its owner says. answers: decides about an INVITE that came; None rings until told otherwise."""

    def __init__(self, user: str, server: tuple[str, int], hz: float | None = None) -> None:
        self.user, self.hz, self._server = user, hz, server
        self.decide: Callable[[str], int | None] = lambda number: None
        self.dialogs: dict[str, Dialog] = {}
        self.obeys_talk = True
        self._answers: dict[str, asyncio.Future[Message]] = {}
        self._replies: dict[str, str] = {}
        self._medias: list[Media] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, port: int = 0) -> None:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, ("127.0.0.1", port))
        self.port = self._transport.get_extra_info("sockname")[1]

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        for media in self._medias:
            media.close()
        self._transport.close()

    @property
    def media(self) -> Media:
        """Of the newest call; deaf before."""
        return self._medias[-1] if self._medias else Media(None)

    @property
    def rate(self) -> int:
        return RATE

    def last(self, seconds: float) -> np.ndarray:
        """What its owner heard lately, in the newest call."""
        return self.media.last(seconds)

    # --- what its owner does ----------------------------------------------------------------------

    async def register(self, password: str, expires: int = 120) -> None:
        uri = f"sip:127.0.0.1:{self._server[1]}"
        call_id, extra = uuid4().hex, ""
        for cseq in (1, 2):
            first = f"REGISTER {uri} SIP/2.0"
            lines = [
                f"From: <sip:{self.user}@127.0.0.1>;tag=r{call_id[:6]}",
                f"To: <sip:{self.user}@127.0.0.1>",
                f"Call-ID: {call_id}",
                f"CSeq: {cseq} REGISTER",
                f"Contact: <sip:{self.user}@127.0.0.1:{self.port}>",
                f"Expires: {expires}",
            ]
            answer = await self._ask(first, lines + ([extra] if extra else []), call_id, "REGISTER", cseq)
            if answer.status != 401:
                assert answer.status == 200, answer.first
                return
            extra = _digest(answer["www-authenticate"], self.user, password, "REGISTER", uri)
        raise AssertionError("not let in")

    async def call(self, number: str, line: str, header: str = "") -> Dialog:
        """Ring a line. Gives the call at once; what becomes of it shows in the dialog."""
        media = Media(self.hz)
        dialog = Dialog(None, media, await media.open())
        self._medias.append(media)
        dialog.target = f"sip:{line}@127.0.0.1:{self._server[1]}"
        self.dialogs[dialog.call_id] = dialog
        lines = [*self._head(dialog, "INVITE", number), f"Contact: <sip:{number}@127.0.0.1:{self.port}>"]
        lines += [header] if header else []
        self._send(f"INVITE {dialog.target} SIP/2.0", lines, _sdp(dialog.rtp_port), f"z9hG4bK{dialog.call_id[:10]}")
        dialog.number = number
        return dialog

    def hang_up(self, dialog: Dialog) -> None:
        if dialog.over:
            return
        dialog.over = True
        if dialog.invite is None and not dialog.answered:
            if not dialog.is_known:  # RFC 3261 9.1: not before the first answer
                return
            branch = f"z9hG4bK{dialog.call_id[:10]}"
            self._send(f"CANCEL {dialog.target} SIP/2.0", self._head(dialog, "CANCEL", dialog.number), "", branch)
        elif not dialog.answered:
            self._answer(dialog.invite, 603, dialog)
        else:
            dialog.cseq += 1
            self._send(f"BYE {dialog.target} SIP/2.0", self._head(dialog, "BYE", getattr(dialog, "number", "")))

    def pick_up(self, dialog: Dialog) -> None:
        dialog.answered = True
        dialog.media.speak_to(dialog.invite.body)
        self._answer(dialog.invite, 200, dialog, _sdp(dialog.rtp_port))

    def refer(self, dialog: Dialog, target: str) -> None:
        """The transfer key."""
        dialog.cseq += 1
        lines = [
            *self._head(dialog, "REFER", ""),
            f"Refer-To: <sip:{target}@127.0.0.1>",
            f"Contact: <sip:x@127.0.0.1:{self.port}>",
        ]
        self._send(f"REFER {dialog.target} SIP/2.0", lines)

    # --- messages ---------------------------------------------------------------------------------

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        message = Message(data.decode())
        if message.status:
            self._answered(message)
        elif (again := self._replies.get(message["via"] + message.method)) is not None:
            self._transport.sendto(again.encode(), self._server)
        else:
            self._asked(message)

    def _answered(self, message: Message) -> None:
        calling = self.dialogs.get(message["call-id"])
        if calling is not None and message.method == "INVITE" and not calling.is_known:
            calling.is_known = True
            if calling.over:
                calling.over = False
                self.hang_up(calling)
        if message.status < 200 and message.method != "INVITE":
            return
        waiting = self._answers.pop(f"{message['call-id']} {message['cseq']}", None)
        if waiting is not None:
            waiting.set_result(message)
        dialog = self.dialogs.get(message["call-id"])
        if dialog is None or message.method != "INVITE" or message.status < 180:
            return
        dialog.far_tag = message["to"].partition(";tag=")[2]
        dialog.rings.set()
        if message.status >= 200:
            contact = re.search(r"<(.+?)>", message["contact"])
            target = contact[1] if contact and message.status == 200 else dialog.target
            branch = uuid4().hex if message.status == 200 else dialog.call_id[:10]
            self._send(f"ACK {target} SIP/2.0", self._head(dialog, "ACK", dialog.number), "", f"z9hG4bK{branch}")
            crossed = dialog.over and message.status == 200  # he gave up while the answer was on its way
            dialog.answered, dialog.over = message.status == 200 or dialog.answered, message.status != 200
            dialog.target = target
            if crossed:
                self.hang_up(dialog)
        if message.status == 200:
            dialog.media.speak_to(message.body)

    def _asked(self, message: Message) -> None:
        if message.first.startswith("INVITE"):
            task = asyncio.create_task(self._invited(message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            return
        dialog = self.dialogs.get(message["call-id"])
        if message.first.startswith("ACK"):
            return
        self._answer(message, 200, dialog)
        if dialog is None:
            return
        if message.first.startswith("BYE"):
            dialog.over = True
        elif message.first.startswith("CANCEL"):
            dialog.over = True
            self._answer(dialog.invite, 487, dialog)
        elif message.first.startswith("NOTIFY") and message["event"] == "talk" and self.obeys_talk and not dialog.over:
            self.pick_up(dialog)

    async def _invited(self, message: Message) -> None:
        known = self.dialogs.get(message["call-id"])
        if known is not None:  # a re-INVITE
            known.media.speak_to(message.body)
            self._answer(message, 200, known, _sdp(known.rtp_port))
            return
        media = Media(self.hz)
        dialog = Dialog(message, media, await media.open())
        dialog.target = re.search(r"<(.+?)>", message["contact"])[1]
        dialog.far_tag = message["from"].partition(";tag=")[2]
        self._medias.append(media)
        self.dialogs[dialog.call_id] = dialog
        number = re.match(r"INVITE sip:([^@]+)@", message.first)
        wanted = self.decide(number[1] if number else "")
        if wanted is None or wanted == 200:
            self._answer(message, 180, dialog)
        if "answer-after=0" in message["call-info"]:
            wanted = 200
        if wanted == 200:
            await asyncio.sleep(0.1)
            if not dialog.over:
                self.pick_up(dialog)
        elif wanted is not None:
            self._answer(message, wanted, dialog)

    def _answer(self, message: Message, status: int, dialog: Dialog | None, body: str = "") -> None:
        to = message["to"]
        if ";tag=" not in to:
            to += f";tag={dialog.tag if dialog else 'x'}"
        lines = [f"Via: {via}" for via in message.all("via")]
        lines += [f"Record-Route: {route}" for route in message.all("record-route")]
        lines += [f"From: {message['from']}", f"To: {to}", f"Call-ID: {message['call-id']}", f"CSeq: {message['cseq']}"]
        lines += [f"Contact: <sip:{self.user}@127.0.0.1:{self.port}>"]
        text = _text(f"SIP/2.0 {status} So", lines, body)
        self._replies[message["via"] + message.method] = text
        self._transport.sendto(text.encode(), self._server)

    def _head(self, dialog: Dialog, method: str, number: str) -> list[str]:
        cseq = 1 if method in {"ACK", "CANCEL"} else dialog.cseq
        if dialog.invite is None:
            own, far = f"<sip:{number}@127.0.0.1>", "<sip:line@127.0.0.1>"
        else:
            own, far = re.sub(r";tag=.*", "", dialog.invite["to"]), re.sub(r";tag=.*", "", dialog.invite["from"])
        tag = f";tag={dialog.far_tag}" if dialog.far_tag and method != "CANCEL" else ""
        return [
            f"From: {own};tag={dialog.tag}",
            f"To: {far}{tag}",
            f"Call-ID: {dialog.call_id}",
            f"CSeq: {cseq} {method}",
        ]

    async def _ask(self, first: str, lines: list[str], call_id: str, method: str, cseq: int) -> Message:
        waiting: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._answers[f"{call_id} {cseq} {method}"] = waiting
        self._send(first, lines)
        async with asyncio.timeout(5):
            return await waiting

    def _send(self, first: str, lines: list[str], body: str = "", branch: str = "") -> None:
        via = f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};rport;branch={branch or 'z9hG4bK' + uuid4().hex[:12]}"
        with contextlib.suppress(OSError):
            self._transport.sendto(_text(first, [via, "Max-Forwards: 70", *lines], body).encode(), self._server)


def _text(first: str, lines: list[str], body: str) -> str:
    kind = ["Content-Type: application/sdp"] if body else []
    return "\r\n".join([first, *lines, *kind, f"Content-Length: {len(body)}", "", body])


def _sdp(port: int) -> str:
    lines = [
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=-",
        "c=IN IP4 127.0.0.1",
        "t=0 0",
        f"m=audio {port} RTP/AVP 0 {_EVENTS}",
    ]
    lines += [
        "a=rtpmap:0 PCMU/8000",
        f"a=rtpmap:{_EVENTS} telephone-event/8000",
        f"a=fmtp:{_EVENTS} 0-16",
        "a=sendrecv",
    ]
    return "\r\n".join(lines) + "\r\n"


def _digest(challenge: str, user: str, password: str, method: str, uri: str) -> str:
    said = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))
    one = _md5(f"{user}:{said['realm']}:{password}")
    two = _md5(f"{method}:{uri}")
    answer = _md5(f"{one}:{said['nonce']}:00000001:abc:auth:{two}")
    return (
        f'Authorization: Digest username="{user}", realm="{said["realm"]}", nonce="{said["nonce"]}", uri="{uri}", '
        f'response="{answer}", algorithm=MD5, qop=auth, nc=00000001, cnonce="abc"'
        + (f', opaque="{said["opaque"]}"' if "opaque" in said else "")
    )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
