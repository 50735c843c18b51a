"""cockpit webhooks status, next, attest, flow: the sequence around an import, proven step by step."""

import time
from dataclasses import asdict
from typing import Any

import click

from cockpit.cli import output, work
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import ExitCode, Failed
from cockpit.cli.follow import CLOCK, long_options
from cockpit.cli.group import Command, json_option
from cockpit.clock import millis
from cockpit.state import event_flow, webhook_steps
from cockpit.state.database import transaction
from cockpit.state.tank import tap
from cockpit.webhooks.flow import SHOWN
from cockpit.webhooks.sequence import STEPS, TITLES, Refused, Standing, current

GLYPHS = {"proven": "ok", "passed": "ok", "expired": "fail", "refuted": "fail"}
DAY_S = 86_400


@click.command("status", cls=Command)
@json_option
@pass_cli
def status(cli: Cli, as_json: bool) -> None:
    """Each step of the sequence: how it stands, by what evidence, how old that is, what it waits for."""
    now = millis(CLOCK.now())
    with cli.reading() as connection:
        found = webhook_steps.standing(connection, now)
    totals = tap.totals(cli.state)
    step = current(found)
    if as_json:
        output.document(
            {
                "step": step,
                "steps": [_as_dict(standing, now) for standing in found.values()],
                "tank": None if totals is None else totals._asdict(),
            }
        )
        return
    for standing in found.values():
        _show(standing, now, is_next=standing.step == step)
    if totals is not None:
        pairs = ", ".join(f"{n:,} {name}" for name, n in totals._asdict().items())
        output.say(f"\nthe tank: {pairs}")
    output.say("\nevery step is passed" if step is None else f"\nnext: {step} (cockpit webhooks next)")


def _show(standing: Standing, now: int, *, is_next: bool) -> None:
    state = (
        f"{standing.state}, as a person said" if standing.is_passed and standing.attested else standing.state
    )
    line = f"{standing.step.ljust(17)}{state.ljust(28)}{TITLES[standing.step]}"
    output.mark(GLYPHS.get(standing.state, "warn"), f"{'>' if is_next else ' '} {line}")
    if standing.evidence is not None:
        age = output.span((standing.age_ms(now) or 0) / 1000)
        output.say(
            f"      {standing.evidence.says} ({standing.evidence.by}, {age} ago{_ends(standing, now)})"
        )
    if standing.blocked_by and not standing.is_passed:
        output.say(f"      waits for {', '.join(standing.blocked_by)}")


def _ends(standing: Standing, now: int) -> str:
    ends = standing.evidence.ends if standing.evidence is not None else None
    if ends is None or standing.state == "passed":
        return ""
    return f", holds for {output.span((ends - now) / 1000)}" if ends > now else ", has ended"


def _as_dict(standing: Standing, now: int) -> dict[str, Any]:
    evidence = standing.evidence
    return {
        "step": standing.step,
        "state": standing.state,
        "valid": standing.valid,
        "attested": standing.attested,
        "says": evidence.says if evidence else None,
        "by": evidence.by if evidence else None,
        "at": output.iso(evidence.at / 1000) if evidence else None,
        "age_s": round((now - evidence.at) / 1000, 1) if evidence else None,
        "ends": output.iso(evidence.ends / 1000) if evidence and evidence.ends is not None else None,
        "blocked_by": [*standing.blocked_by],
    }


@click.command("next", cls=Command, writes=True)
@click.argument("step", required=False, type=click.Choice(STEPS))
@long_options
@pass_cli
def next_(cli: Cli, step: str | None, detach: bool, as_json: bool) -> int:
    """Do the next step where an API does it safely, observe what proves it, and say what only you can do.

    With STEP that one, again where it was proven before. Exit 0 once it is proven, 3 while something is to be
    done or waited for, 5 out of turn.
    """
    return work.start(cli, "webhooks", {"step": step}, detach=detach, as_json=as_json)


@click.command("attest", cls=Command, writes=True)
@click.argument("step", type=click.Choice(STEPS))
@click.option("--reason", required=True, metavar="WHY", help="What was done or decided; kept and audited.")
@pass_cli
def attest(cli: Cli, step: Any, reason: str) -> None:
    """Say what no API shows, such as webhooks that were switched off in a dashboard.

    It is shown as said, ends like a proof, and still needs its observation: cockpit webhooks next.
    """
    if not reason.strip():
        raise click.BadParameter("say what was done or decided", param_hint="--reason")
    life = cli.settings().webhooks.life_ms(step)
    now = millis(CLOCK.now())
    with cli.writing() as connection, transaction(connection):
        try:
            webhook_steps.record(
                connection, step, "attested", cli.operator, now, reason, life_ms=life, why=reason
            )
        except Refused as error:
            raise Failed(str(error), ExitCode.REFUSED) from None
    output.say(
        f"{step} is said by {cli.operator}; it needs its observation still: cockpit webhooks next {step}"
    )


@click.command("flow", cls=Command)
@click.option(
    "--days", type=click.FloatRange(min=0), metavar="N", help="Of so many days (since event_flow began)."
)
@json_option
@pass_cli
def flow(cli: Cli, days: float | None, as_json: bool) -> int:
    """WorkOS's events as they are followed, beside those that came to the tank by webhook: ids, gaps, lag.

    Exit 3 when one is missing on either side, or requests were not let in.
    """
    now = millis(time.time())
    with cli.reading() as connection:
        since = event_flow.since(connection, now) if days is None else now - round(days * DAY_S * 1000)
        found = event_flow.compared(connection, cli.state, since, now)
    if found is None:
        raise Failed(
            "no tank takes webhooks of WorkOS; start one with: cockpit webhooks hold --source workos"
        )
    if as_json:
        gaps = {
            "missing_events": [asdict(event) for event in found.missing],
            "unknown_events": [asdict(event) for event in found.unknown],
        }
        output.document({"since": output.iso(since / 1000), "flows": found.flows, **found.numbers(), **gaps})
    else:
        output.mark("ok" if found.flows else "warn", found.words())
        for title, events in (("not by webhook", found.missing), ("by webhook only", found.unknown)):
            for event in events[:SHOWN]:
                output.say(f"  {title}: {event.id}  {event.name}  {output.local(event.at)}")
    gaps_found = found.missing or found.unknown or found.refused
    return ExitCode.FINDINGS if gaps_found else ExitCode.DONE


COMMANDS = (status, next_, attest, flow)
