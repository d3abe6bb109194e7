"""mu-law, the one codec that every browser and every telephone has (ITU-T G.711, RFC 7874 section 3)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

type Samples = NDArray[np.int16]

RATE = 8000
FRAME = 160  # samples of 20 ms
SILENCE = np.zeros(FRAME, np.int16)

_BIAS = 0x84
_CLIP = 32635


def _decoding() -> Samples:
    code = ~np.arange(256, dtype=np.uint8)
    exponent, mantissa = (code >> 4) & 7, code & 0x0F
    size = ((mantissa.astype(np.int32) << 3) + _BIAS << exponent) - _BIAS
    return np.where(code & 0x80, -size, size).astype(np.int16)


def _encoding() -> NDArray[np.uint8]:
    """Indexed by the sample as an unsigned 16-bit number."""
    sample = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    size = np.minimum(np.abs(sample), _CLIP) + _BIAS
    exponent = np.floor(np.log2(size)).astype(np.int32) - 7
    mantissa = (size >> (exponent + 3)) & 0x0F
    sign = np.where(sample < 0, 0x80, 0)
    code: NDArray[np.uint8] = (~(sign | exponent << 4 | mantissa) & 0xFF).astype(np.uint8)
    return code


_DECODED, _ENCODED = _decoding(), _encoding()


def decode(payload: bytes) -> Samples:
    return _DECODED[np.frombuffer(payload, np.uint8)]


def encode(samples: Samples) -> bytes:
    return _ENCODED[samples.view(np.uint16)].tobytes()
