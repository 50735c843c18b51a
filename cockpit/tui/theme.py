"""The colours of the cockpit."""

from textual.theme import Theme

THEME = Theme(
    name="cockpit",
    primary="#5fa8d3",
    secondary="#8aa2b5",
    accent="#62d2c3",
    success="#7bc47f",
    warning="#e5b454",
    error="#ee6c6c",
    foreground="#d9e0e6",
    background="#11161b",
    surface="#161d24",
    panel="#1e2831",
    dark=True,
)
