"""Run: the whole migration in one go. Export of every kind, lint, import of every kind, diff."""

from cockpit.jobs.context import JobContext, Result
from cockpit.jobs.sequence import Ended, Sequence
from cockpit.sources import base
from cockpit.state import exports
from cockpit.terms import Kind

GATES = ("live_source", "override")


async def run(context: JobContext) -> Result:
    """`args`: "source", and those of the gates. What was done before is not done again.

    Exit 4 when the diff is not clean, 3 when records failed, and that of the step that could not go on.
    Raises StepFailed, JobRefused, SettingsError, Stopped.
    """
    sequence = Sequence(context)
    source = context.args["source"]
    if kinds := await to_export(context, source):
        told = {"told": context.args["told"]} if context.args.get("told") else {}
        await sequence.step("export", {"source": source, "kinds": kinds, **told})
    await sequence.step("lint", {})
    sent = await sequence.step("import", {name: context.args.get(name) for name in GATES})
    compared = await sequence.step("diff", {})
    return finished(sent, compared)


async def to_export(context: JobContext, source: str) -> list[Kind]:
    """The kinds whose export is not finished, or found the source still moving."""
    found: list[Kind] = []
    for kind in base.find(source).openers:
        export = await context.writer.run(exports.latest, kind)
        if export is None or export.complete_at is None or export.outcome == "open":
            found.append(kind)
    return found


def finished(sent: Ended, compared: Ended) -> Result:
    """The end of it: an unclean diff wins over failed records."""
    message = f"{sent.message}; {compared.message}"
    code = compared.exit or sent.exit
    if code == 4:
        return Result(4, message, "see: cockpit users diff --json, or pane 5", dict(compared.numbers))
    if code == 3:
        return Result(3, message, "see: cockpit errors list", dict(sent.numbers))
    return Result(0, message, None, dict(compared.numbers))
