"""Texts as directions in a space where those that mean alike lie close: static vectors out of a wheel, without a network."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIZE = 256


@cache
def _model() -> Any:
    import wordllama  # late: half a second and 60 MB, which only those need that read articles  # noqa: PLC0415

    # Its loader would look for weights on the web when they are not in the folder it is told: those of the wheel are.
    return wordllama.WordLlama.load(cache_dir=Path(wordllama.__file__).parent, disable_download=True)


def vectors_of(texts: Sequence[str]) -> NDArray[np.float32]:
    """One row of length one a text (n × 256); a row of noughts for a text without words."""
    raw = np.asarray(_model().embed(list(texts)), dtype=np.float32)
    length = np.linalg.norm(raw, axis=1, keepdims=True)
    length[length == 0] = 1
    unit: NDArray[np.float32] = raw / length
    return unit
