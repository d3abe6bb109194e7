"""Known sounds into a browser's microphone, and recognising them at the far end."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, Playwright

from tests.support import eventually

RATE = 48_000
CUSTOMER_HZ, OPERATOR_HZ, THIRD_HZ = 440, 660, 880
LOUDER = 20.0

# Remembers the spectra of the last five seconds of whatever the page receives: 48 kHz, 8192 points, four a second.
EARS = """
(() => {
  const Native = window.RTCPeerConnection;
  const state = (window.ears = { frames: [] });
  const listen = (stream) => {
    const context = new AudioContext({ sampleRate: 48000 });
    const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
    context.createMediaStreamSource(stream).connect(analyser);
    const bins = new Float32Array(analyser.frequencyBinCount);
    setInterval(() => {
      analyser.getFloatFrequencyData(bins);
      state.frames.push(Array.from(bins.subarray(0, 400), (level) => Math.pow(10, level / 10)));
      if (state.frames.length > 20) state.frames.shift();
    }, 250);
  };
  window.RTCPeerConnection = class extends Native {
    constructor(...given) {
      super(...given);
      this.addEventListener("track", ({ track, streams }) => listen(streams[0] ?? new MediaStream([track])));
    }
  };
})();
"""
# Keeps every microphone that the page ever opened: `live` ones light the browser's red sign.
MICROPHONES = """
(() => {
  window.microphones = [];
  if (!navigator.mediaDevices) return;
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await open(wanted);
    window.microphones.push(...stream.getAudioTracks());
    return stream;
  };
})();
"""
_BIN_HZ = RATE / 8192


def write_tone(path: Path, hz: int) -> Path:
    """Two seconds to be looped, in beeps: a steady tone is noise to a browser, and taken out."""
    at = np.arange(2 * RATE) / RATE
    beeping = (at % 0.5) < 0.35
    sound = (np.sin(2 * np.pi * hz * at) * beeping * 16_000).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(sound.tobytes())
    return path


def browser_that_says(playwright: Playwright, chromium: Path, flags: list[str], tone: Path) -> Browser:
    given = [*flags, f"--use-file-for-fake-audio-capture={tone}"]
    return playwright.chromium.launch(executable_path=chromium, args=given)


def hears(page: Page, hz: int) -> bool:
    """Whether that sine stood out against its neighbours at any time of the last five seconds."""
    frames = np.array(page.evaluate("window.ears.frames"), dtype=float)
    return bool(len(frames) and (_prominence(frames, hz / _BIN_HZ) >= LOUDER).any())


def hears_anything(page: Page) -> bool:
    frames = np.array(page.evaluate("window.ears.frames"), dtype=float)
    return bool(len(frames) and (frames.sum(axis=1) > 1e-7).any())


def forget(page: Page) -> None:
    """What was heard before does not count."""
    page.evaluate("window.ears.frames.length = 0")


def soon_hears(page: Page, hz: int) -> None:
    forget(page)
    eventually(lambda: hears(page, hz), within=20)


def hears_no_more(page: Page, hz: int) -> None:
    """For a whole second nothing of it is heard."""
    forget(page)
    eventually(lambda: page.evaluate("window.ears.frames.length >= 8") and _silent(page, hz), within=20)


def _silent(page: Page, hz: int) -> bool:
    frames = np.array(page.evaluate("window.ears.frames"), dtype=float)[-4:]
    return bool((_prominence(frames, hz / _BIN_HZ) < LOUDER).all())


def prominence_in(sound: np.ndarray, rate: int, hz: int) -> float:
    """The same for recorded samples: the best second of them."""
    seconds = [sound[at : at + rate] for at in range(0, max(1, len(sound) - rate), rate // 2)]
    spectra = np.array([np.abs(np.fft.rfft(second * np.hanning(len(second)), rate)) ** 2 for second in seconds])
    return float(_prominence(spectra, hz).max())


def _prominence(frames: np.ndarray, position: float) -> np.ndarray:
    """Energy at the position against the mean of its neighbours, in each row; silence has none."""
    centre = round(position)
    here = frames[:, centre - 2 : centre + 3].max(axis=1)
    near = [*range(centre - 16, centre - 5), *range(centre + 6, centre + 17)]
    return np.where(here > 1e-9, here / (frames[:, near].mean(axis=1) + 1e-12), 0.0)
