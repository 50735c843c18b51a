"""Copying over ssh and tmux: OSC 52, and a file for terminals that ignore it."""

import base64
import os
from pathlib import Path

LARGEST = 74_000
"""Bytes of text that terminals commonly take in one OSC 52."""


def sequence(text: str, *, tmux: bool) -> str:
    """The escape sequence that asks a terminal to take text; wrapped for tmux to pass it on."""
    encoded = base64.b64encode(text.encode(errors="replace")).decode()
    osc = f"\x1b]52;c;{encoded}\a"
    return f"{osc}\x1bPtmux;\x1b{osc}\x1b\\" if tmux else osc


def keep(state: Path, text: str) -> Path:
    """Write the text to a file beside the state that only its owner can read."""
    file = state.with_name(f"{state.stem}-copied.txt")
    descriptor = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as out:
        out.write(text)
    return file
