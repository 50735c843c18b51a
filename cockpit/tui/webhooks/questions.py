"""What is asked before something is done about webhooks, and what it says would happen."""

from collections.abc import Callable, Mapping, Sequence

from cockpit.tui import text
from cockpit.tui.given import Proofs
from cockpit.tui.screens.ask import Ask
from cockpit.tui.screens.pick import Answer, Pick
from cockpit.tui.webhooks.seen import Class
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.lines import Part
from cockpit.webhooks import advice
from cockpit.webhooks.sequence import Standing, Step
from cockpit.words import counted

ACTING: frozenset[Step] = frozenset({"legacy_off", "workos_off", "event_flow", "drained"})
"""Steps that may switch something; the others only look."""
WORD = "discard"
"""What a person types."""


def act(step: Step, provider: str | None, proofs: Proofs) -> str:
    """What is done where for a step, or what a person is to do first."""
    return _ACTS[step](provider, proofs)


def verb(step: Step, provider: str | None) -> str:
    """The word on the button."""
    switches = step in ACTING and (step not in ("legacy_off", "drained") or provider in advice.BY_API)
    return "Act" if switches else "Look"


def _baseline(provider: str | None, proofs: Proofs) -> str:
    theirs = "the provider's streams" if provider in advice.BY_API else "nothing of the provider, whose "
    theirs += "" if provider in advice.BY_API else "endpoints only its dashboard shows: write them down"
    return (
        f"Lists WorkOS's webhook endpoints and {theirs}; counts what the tank heard in a day. Nothing is "
        "changed."
    )


def _legacy_off(provider: str | None, proofs: Proofs) -> str:
    settle = text.span(proofs.settle_min * 60)
    if provider in advice.BY_API:
        tank = proofs.tank_url or "the tank ([webhooks] tank_url is not set)"
        return (
            f"At {provider}: switches off each log stream and event stream that is on and does not go to "
            f"{tank}, by PATCH of its status with {proofs.write_token}, and lists them again. Streams in "
            f"keep_streams stay on. Then nothing may come for {settle}: a second look after that proves it."
        )
    said = "\n".join(f"· {line}" for line in advice.of(provider).lines(proofs.tank_url))
    return (
        f"cockpit switches nothing at {provider or 'the source'}. What you do:\n{said}\n"
        f"· then press a and say what you did; keep a tank up\n"
        f"Looking now observes: nothing may come for {settle} after you said so, or it comes to the tank."
    )


def _workos_off(provider: str | None, proofs: Proofs) -> str:
    return (
        "At WorkOS: switches off every webhook endpoint that is on, by PATCH of its status with "
        "WORKOS_API_KEY, and lists them again. Makes an organization as a canary and deletes it: its event "
        "must be in /events, and must not come to the tank."
    )


def _quiet(provider: str | None, proofs: Proofs) -> str:
    return (
        f"Looks at {provider or 'the source'} once: how many users, the last change. Two looks at least "
        f"{text.span(proofs.quiet_min * 60)} apart that show the same prove it. Nothing is changed."
    )


def _import(provider: str | None, proofs: Proofs) -> str:
    return (
        "Reads the state: an import that ended, and a diff begun after it that is clean (panes 3 and 5). "
        "Nothing is changed."
    )


def _cutover(provider: str | None, proofs: Proofs) -> str:
    return (
        "Reads the events that were followed: a sign-in by SSO begun after the import was proven, and "
        "succeeded within 5 minutes. You: move one connection, let somebody sign in, and follow the events "
        "(f in Events). Nothing is changed."
    )


def _event_flow(provider: str | None, proofs: Proofs) -> str:
    tank = proofs.tank_url or "the tank ([webhooks] tank_url is not set)"
    return (
        f"At WorkOS: switches on the endpoints that go to {tank}, and no other, then compares what comes "
        "there with the events that are followed: same ids, no gap, none refused. Your own endpoints stay "
        "off until you turn them on."
    )


def _backlog(provider: str | None, proofs: Proofs) -> str:
    return (
        "Counts what the tank holds by class and what queues at the provider. Where that is anything, you "
        "decide what becomes of it and say so by a. Nothing is changed."
    )


def _drained(provider: str | None, proofs: Proofs) -> str:
    looks = "Then nothing may be held any more, and no dead letter be left without your word (a)."
    if provider not in advice.BY_API:
        return f"Reads the tank. {looks} Nothing is changed."
    return (
        f"At {provider}: resumes paused streams whose endpoint is the tank's by now, and no other: their "
        f"queue comes at once. {looks}"
    )


def _stays_off(provider: str | None, proofs: Proofs) -> str:
    listed = "Lists the provider's streams, none of which may be on. " if provider in advice.BY_API else ""
    return (
        f"{listed}Reads when the tank last heard of the provider: {proofs.bake_days:g} days of silence prove "
        "it. Nothing is changed."
    )


_ACTS: Mapping[Step, Callable[[str | None, Proofs], str]] = {
    "baseline": _baseline,
    "legacy_off": _legacy_off,
    "workos_off": _workos_off,
    "quiet": _quiet,
    "import": _import,
    "cutover": _cutover,
    "event_flow": _event_flow,
    "backlog": _backlog,
    "drained": _drained,
    "legacy_stays_off": _stays_off,
}


def attest(title: str, standing: Standing, life_ms: int | None) -> Ask:
    """What was done or decided."""
    ends = f", ends in {text.span(life_ms / 1000)}" if life_ms is not None else ""
    head: list[list[Part]] = [
        [(title, "strong"), (f"   {standing.state} now", "dim")],
        [(f"It is shown as your word{ends}, and needs its observation all the same: Enter, then.", "plain")],
    ]
    return Ask("Attest", head, "what was done or decided; it stands in the audit trail", "attests")


def discarded(chosen: Mapping[Class, int]) -> Ask:
    """Why these are not to be sent."""
    return Ask("Discard", _chosen(chosen), "why; it stands in the audit trail", "goes on")


def sure(chosen: Mapping[Class, int], why: str) -> Ask:
    """The word."""
    head: list[Sequence[Part]] = [*_chosen(chosen), [("why: ", "dim"), (text.line(why, 120), "plain")]]
    return Ask(
        f"Discard {counted(sum(chosen.values()), 'event')}?",
        head,
        f"type {WORD}",
        "discards",
        lambda typed: "" if typed == WORD else f"type {WORD}, or Esc",
    )


SHOWN = 8
"""Classes that are named."""


def _chosen(chosen: Mapping[Class, int]) -> list[Sequence[Part]]:
    said: list[Sequence[Part]] = [
        [(f"{text.number(n):>9} ", "strong"), (text.line(type_, 40), "plain"), (f"  {source}", "dim")]
        for (source, type_), n in list(chosen.items())[:SHOWN]
    ]
    if (left := len(chosen) - SHOWN) > 0:
        said.append([(f"{'':>9} and {counted(left, 'class')[:-1]}es more", "dim")])
    said.append([("They are never sent. They stay in the tank's file, marked discarded.", "warn")])
    return said


def redrive(marked: int, one: str, total: int) -> Pick:
    """These, or all."""
    these = f"the {text.number(marked)} marked ones" if marked > 1 else text.line(one, 50)
    head = lines.content(
        [
            ("They are held again, in their place, and the drain sends them; one that is at work ", "plain"),
            ("takes them up. Later events of the same user may have arrived before.", "plain"),
        ]
    )
    answers = [Answer("these", "t", "these", f"{these}.")]
    if total > max(1, marked):
        answers.append(Answer("all", "a", "all", f"all {text.number(total)} dead letters."))
    return Pick("Redrive dead letters?", head, answers)
