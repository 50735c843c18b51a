"""What must be proven before the target is written to, and before the first connection is flipped. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from cockpit.webhooks.sequence import Standing, Step

OFF: Mapping[Step, str] = {
    "legacy_off": "the old provider's webhooks",
    "workos_off": "WorkOS's webhook endpoints",
}
"""The two floods of an import."""


def webhooks_off(found: Mapping[Step, Standing]) -> str | None:
    """Why an import would flood somebody, None when both kinds of webhooks are proven off."""
    missing = [f"{what} ({_how(found[step])})" for step, what in OFF.items() if not found[step].valid]
    if not missing:
        return None
    return f"not proven off: {' and '.join(missing)}; go on with: cockpit webhooks next"


def source_quiet(found: Mapping[Step, Standing]) -> str | None:
    """Why the source is not known to be quiet, None when it is."""
    if found["quiet"].valid:
        return None
    return (
        f"the source is not proven quiet ({_how(found['quiet'])}): cockpit webhooks next quiet, or say that "
        f"it goes on changing: --live-source"
    )


@dataclass(frozen=True, slots=True)
class FlipEvidence:
    """What is known before the first flip; times in ms.

    `quiet`: how that step stands. `last_write`: the source was last changed no later than this, by the looks
    at it. `diff_at`: when the newest finished diff began to list; `clean`: what it came to.
    """

    quiet: Standing
    last_write: int | None
    diff_at: int | None
    clean: bool


def first_flip(evidence: FlipEvidence) -> str | None:
    """Why no connection may be flipped yet, None when the first one may."""
    if not evidence.quiet.valid:
        return f"the source is not proven quiet ({_how(evidence.quiet)}): cockpit webhooks next quiet"
    if evidence.diff_at is None:
        return "source and target were never compared: cockpit users diff"
    if not evidence.clean:
        return "the diff is not clean: cockpit users sync"
    if evidence.last_write is None or evidence.diff_at <= evidence.last_write:
        return "the diff is older than the last change at the source: cockpit users diff"
    return None


def _how(standing: Standing) -> str:
    match standing.state:
        case "expired":
            return "the proof has expired"
        case "refuted" if standing.evidence is not None:
            return standing.evidence.says
        case "attested":
            return "said, not observed yet"
        case "watching":
            return "the observation goes on"
        case "passed":
            return "no longer, since it was no longer needed"
        case _:
            return "no proof"
