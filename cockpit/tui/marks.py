"""Glyph, word and tone of every state, so that colour is never alone."""

from typing import Literal, NamedTuple

Tone = Literal["plain", "strong", "dim", "ok", "bad", "warn", "busy", "key", "faint"]

STYLES: dict[Tone, str] = {
    "plain": "",
    "strong": "bold",
    "dim": "$foreground 62%",
    "ok": "$text-success",
    "bad": "bold $text-error",
    "warn": "$text-warning",
    "busy": "$accent",
    "key": "bold $primary",
    "faint": "$foreground 38%",
}
"""How a tone looks, in the theme's own variables."""


class Mark(NamedTuple):
    """A state on the screen."""

    glyph: str
    word: str
    tone: Tone

    def __str__(self) -> str:
        return f"{self.glyph} {self.word}"


USER_STATES: dict[str, Mark] = {
    "ready": Mark("□", "ready", "dim"),
    "sending": Mark("▣", "sending", "busy"),
    "imported": Mark("✔", "imported", "ok"),
    "adopted": Mark("◆", "adopted", "ok"),
    "failed": Mark("✘", "failed", "bad"),
    "skipped": Mark("–", "skipped", "dim"),
    "unknown": Mark("?", "unknown", "warn"),
}

JOB_STATES: dict[str, Mark] = {
    "starting": Mark("◌", "STARTING", "busy"),
    "running": Mark("●", "RUNNING", "ok"),
    "throttled": Mark("◐", "THROTTLED", "warn"),
    "waiting": Mark("◐", "WAITING", "warn"),
    "paused": Mark("‖", "PAUSED", "warn"),
    "stopping": Mark("◍", "STOPPING", "warn"),
    "done": Mark("✔", "DONE", "ok"),
    "failed": Mark("✘", "FAILED", "bad"),
    "stopped": Mark("■", "STOPPED", "warn"),
    "stale": Mark("!", "STALE", "bad"),
    "dead": Mark("✘", "DEAD", "bad"),
}

RESOLUTIONS: dict[str, Mark] = {
    "open": Mark("✘", "open", "bad"),
    "retried": Mark("↻", "retried", "dim"),
    "fixed": Mark("✔", "fixed", "ok"),
    "ignored": Mark("–", "ignored", "dim"),
}

SEVERITIES: dict[str, Mark] = {
    "error": Mark("✘", "error", "bad"),
    "warning": Mark("!", "warning", "warn"),
    "warn": Mark("!", "warning", "warn"),
    "info": Mark("·", "info", "dim"),
}

CLASSES: dict[str, Mark] = {
    "transient": Mark("↻", "transient", "warn"),
    "fixable": Mark("✎", "fixable", "busy"),
    "permanent": Mark("✘", "permanent", "bad"),
    "conflict": Mark("⇄", "conflict", "warn"),
}

FINDINGS: dict[str, Mark] = {
    "missing": Mark("✘", "missing", "bad"),
    "drifted": Mark("≠", "drifted", "warn"),
    "changed": Mark("Δ", "changed", "warn"),
    "deleted": Mark("−", "deleted", "warn"),
    "extra": Mark("+", "extra", "dim"),
    "accepted": Mark("✔", "accepted", "ok"),
}

PASSWORDS: dict[str, Mark] = {
    "carried": Mark("✔", "carried", "ok"),
    "unsupported": Mark("✘", "not carried", "warn"),
    "factor": Mark("!", "factor lost", "warn"),
    "marked": Mark("@", "to be reset", "busy"),
    "absent": Mark("–", "none", "dim"),
}


VERDICTS: dict[str, Mark] = {
    "transparent": Mark("✔", "transparent", "ok"),
    "review": Mark("?", "review", "warn"),
    "portal": Mark("↗", "portal", "busy"),
    "stop": Mark("✘", "stop", "bad"),
    "unchecked": Mark("·", "unchecked", "dim"),
}

HANDOFFS: dict[str, Mark] = {
    "": Mark("–", "", "dim"),
    "invited": Mark("@", "invited", "busy"),
    "written": Mark("□", "written", "dim"),
    "sent": Mark("▣", "sent", "busy"),
    "flagged": Mark("!", "flagged", "bad"),
    "imported": Mark("✔", "imported", "ok"),
}
"""How far the hand-over of a connection is."""

AT_WORKOS: dict[str, Mark] = {
    "active": Mark("✔", "active", "ok"),
    "validating": Mark("◐", "validating", "warn"),
    "inactive": Mark("!", "inactive", "warn"),
    "draft": Mark("□", "draft", "warn"),
}
"""States of a connection that WorkOS tells."""

STEPS: dict[str, Mark] = {
    "blocked": Mark("·", "blocked", "dim"),
    "open": Mark("□", "open", "strong"),
    "attested": Mark("✎", "attested", "warn"),
    "watching": Mark("◐", "watching", "busy"),
    "waived": Mark("–", "waived", "warn"),
    "refuted": Mark("✘", "refuted", "bad"),
    "expired": Mark("!", "expired", "bad"),
    "proven": Mark("✔", "proven", "ok"),
    "said": Mark("✎", "proven, said", "ok"),
    "passed": Mark("✔", "passed", "dim"),
}
"""Of the sequence of webhooks; said: proven, on what a person attested."""

DELIVERIES: dict[str, Mark] = {
    "held": Mark("□", "held", "plain"),
    "sending": Mark("▣", "sending", "busy"),
    "delivered": Mark("✔", "drained", "ok"),
    "discarded": Mark("–", "discarded", "dim"),
    "superseded": Mark("↻", "superseded", "dim"),
    "paired": Mark("⇄", "paired", "dim"),
    "stale": Mark("Δ", "stale", "dim"),
    "dead": Mark("✘", "dead", "bad"),
}
"""What became of a held event."""

BREAKERS: dict[str, Mark] = {
    "closed": Mark("●", "closed", "ok"),
    "half-open": Mark("◐", "half-open", "warn"),
    "open": Mark("✘", "open", "bad"),
}

SIGN_INS: dict[str, Mark] = {
    "started": Mark("○", "started", "dim"),
    "succeeded": Mark("✔", "succeeded", "ok"),
    "failed": Mark("✘", "failed", "bad"),
    "timed_out": Mark("!", "timed out", "warn"),
}

COLUMNS: dict[str, Mark] = {
    "manual": Mark("·", "manual", "dim"),
    "legacy": Mark("○", "legacy", "plain"),
    "canary": Mark("◐", "canary", "warn"),
    "workos": Mark("●", "workos", "ok"),
    "held": Mark("■", "held", "bad"),
}
"""Of the rollout board."""

FLIPS: dict[str, Mark] = {
    "armed": Mark("◌", "armed", "busy"),
    "flipping": Mark("»", "flipping", "busy"),
    "verifying": Mark("◐", "verifying", "warn"),
    "live": Mark("●", "live", "ok"),
    "failed": Mark("✘", "failed", "bad"),
    "rolled back": Mark("↺", "rolled back", "warn"),
    "cancelled": Mark("–", "cancelled", "dim"),
}

WAVES: dict[str, Mark] = {
    "planned": Mark("□", "planned", "dim"),
    "running": Mark("▶", "running", "busy"),
    "holding": Mark("‖", "holding", "warn"),
    "halted": Mark("■", "halted", "bad"),
    "done": Mark("✔", "done", "ok"),
    "aborted": Mark("–", "aborted", "dim"),
}

HEALTH: dict[str, Mark] = {
    "pass": Mark("✔", "pass", "ok"),
    "fail": Mark("✘", "fail", "bad"),
    "inconclusive": Mark("?", "inconclusive", "warn"),
    "no data": Mark("!", "no data", "bad"),
}
"""What a connection's logins at WorkOS amount to."""

CHOICES: dict[str, Mark] = {
    "ask": Mark("?", "undecided", "warn"),
    "silent": Mark("·", "silent", "plain"),
    "email": Mark("@", "e-mail", "busy"),
    "hold": Mark("‖", "held", "warn"),
}


def of(marks: dict[str, Mark], state: str) -> Mark:
    """The mark of a state; one that is not known shows its own name."""
    return marks.get(state, Mark("·", state, "plain"))
