"""How keys are written, and those that move in a list or a text."""

_NAMES = {
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "slash": "/",
    "question_mark": "?",
    "exclamation_mark": "!",
    "escape": "Esc",
    "enter": "⏎",
    "space": "Space",
    "right": "→",
    "left": "←",
}

MOVES: tuple[tuple[str, str, str], ...] = (
    ("down,j", "down", "One row down"),
    ("up,k", "up", "One row up"),
    ("pagedown,ctrl+d", "page_down", "One page down"),
    ("pageup,ctrl+u", "page_up", "One page up"),
    ("home,g", "home", "To the first row"),
    ("end,G", "end", "To the last row"),
)
"""Moving in a list or a text: keys, what the widget does, what the help says."""


def key_name(key: str) -> str:
    """A key as it stands on the keyboard: ^p for ctrl+p."""
    return _NAMES.get(key, key.replace("ctrl+", "^").replace("pagedown", "PgDn").replace("pageup", "PgUp"))
