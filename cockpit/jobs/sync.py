"""Sync: bring the target up to what the source says now, round by round, until the diff is clean."""

from cockpit.jobs.context import JobContext, Result
from cockpit.jobs.run_all import GATES, finished
from cockpit.jobs.sequence import Sequence
from cockpit.sources import base
from cockpit.state import resolve
from cockpit.terms import KINDS, UPDATES

ROUNDS = 3


async def run(context: JobContext) -> Result:
    """Each round exports again, lints, sends what is new and what changed, and compares.

    `args`: "source", "max_rounds", and those of the gates. Nothing is ever deleted at the target: what the
    source no longer has is reported by the diff. Exits and raises as `run_all.run`.
    """
    sequence = Sequence(context)
    source = context.args["source"]
    kinds = list(base.find(source).openers)
    gates = {name: context.args.get(name) for name in GATES}
    rounds = context.args.get("max_rounds") or ROUNDS
    number = 0
    while True:
        number += 1
        await context.notice(f"round {number} of {rounds} at most")
        await sequence.step("export", {"source": source, "kinds": kinds})
        await sequence.step("lint", {})
        sent = await sequence.step("import", {**gates, "kinds": [*KINDS, *UPDATES.values()]})
        compared = await sequence.step("diff", {})
        lost = await context.writer.run(
            resolve.send_again, context.operator, context.settings.imports.batch_size, context.now()
        )
        if lost:
            await context.notice(f"{lost} records are gone from the target and are sent again", "warn")
        # What drifted at the target, and what was deleted at the source, is for a person to decide.
        mendable = lost or any(compared.numbers.get(kind) for kind in ("missing", "changed"))
        if compared.exit == 0 or number >= rounds or not mendable:
            return finished(sent, compared)
