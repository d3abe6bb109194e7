"""Speak the texts of webvoice/locale/*/prompts.yaml into webvoice/sounds/*/*.flac: 8 kHz, mono, 16 bits.

Needs espeak-ng (a Debian package); the product itself does not, the sounds are kept in the repository.

    python scripts/render_prompts.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import yaml
from numpy.typing import NDArray

from perezvon.cores.switchboard import LANGUAGES, PROMPTS

WEBVOICE = Path(__file__).parents[1] / "src/perezvon/connectors/webvoice"
VOICES = {"ru": "ru", "en": "en-gb"}
WORDS_PER_MINUTE = 145
RATE = 8000
LOUDNESS = 0.09  # root mean square, of full scale: about -21 dB, as telephone prompts usually are
PEAK = 0.9


def texts(language: str) -> Iterator[tuple[str, str]]:
    written = yaml.safe_load((WEBVOICE / "locale" / language / "prompts.yaml").read_text())
    for number, word in enumerate(written.pop("number"), start=1):
        yield f"number.{number}", word
    yield from written.items()


def speak(text: str, language: str) -> NDArray[np.float64]:
    """Samples between -1 and 1 at 8 kHz, without the silence around them."""
    with tempfile.TemporaryDirectory() as folder:
        spoken = Path(folder) / "spoken.wav"
        command = ["espeak-ng", "-v", VOICES[language], "-s", str(WORDS_PER_MINUTE), "-w", str(spoken), text]
        subprocess.run(command, check=True)
        with av.open(str(spoken)) as file:
            resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
            frames = [part for frame in file.decode(audio=0) for part in resampler.resample(frame)]
            frames += resampler.resample(None)
    sound = np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames]) / 32768
    loud = np.flatnonzero(np.abs(sound) > 0.005)
    return sound[loud[0] : loud[-1] + RATE // 20]


def level(sound: NDArray[np.float64]) -> NDArray[np.int16]:
    gain = min(LOUDNESS / np.sqrt(np.mean(sound**2)), PEAK / np.abs(sound).max())
    return (sound * gain * 32767).astype(np.int16)


def write(sound: NDArray[np.int16], path: Path) -> None:
    with av.open(str(path), "w", format="flac", options={"metadata_header_padding": "0"}) as file:
        stream = file.add_stream("flac", rate=RATE, layout="mono", format="s16", options={"compression_level": "12"})
        frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            file.mux(packet)


def main() -> int:
    size = 0
    for language in LANGUAGES:
        folder = WEBVOICE / "sounds" / language
        folder.mkdir(parents=True, exist_ok=True)
        written = dict(texts(language))
        if missing := PROMPTS.symmetric_difference(written):
            print(f"{language}: texts and names differ: {sorted(missing)}", file=sys.stderr)
            return 1
        for name, text in written.items():
            path = folder / f"{name}.flac"
            write(level(speak(text, language)), path)
            size += path.stat().st_size
    print(f"{len(LANGUAGES) * len(PROMPTS)} prompts, {size / 1024:.0f} KB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
