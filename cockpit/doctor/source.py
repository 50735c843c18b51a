"""The source: settings, credentials, scopes, and what its replies tell."""

from cockpit.clock import Clock
from cockpit.doctor.hurry import Hurry, OutOfPatience
from cockpit.doctor.replies import Heard
from cockpit.findings import Finding, fail, ok, told
from cockpit.settings import Settings, SettingsError
from cockpit.sources import base
from cockpit.sources.base import Checkup, SourceError, SourceRefused
from cockpit.transport import overhearing

PATIENCE_S = 5.0
"""So long is a source's trouble waited out; an export has more."""

HELP = "see cockpit help sources"


class _Memory:
    """What a source remembers while it is checked; none of it is kept."""

    def __init__(self) -> None:
        self._facts: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        return self._facts.get(key)

    async def put(self, key: str, value: str | None, *, secret: bool = False) -> None:
        if value is None:
            self._facts.pop(key, None)
        else:
            self._facts[key] = value


async def examine(
    name: str, settings: Settings, clock: Clock, bound: str | None
) -> tuple[list[Finding], Checkup]:
    """Every check of a provider; `bound` is the identity that the state belongs to.

    Raises SettingsError when there is no such provider.
    """
    provider = base.find(name)
    settings = base.pointed(settings, {}, bound)
    hurry = Hurry(clock, PATIENCE_S)
    try:
        identity = provider.identity(settings)
        source = await provider.open(settings, _Memory(), hurry)
    except SettingsError as error:
        return [told("settings", str(error), "nothing can be read without it", HELP)], Checkup()
    findings = [*_binding(identity, bound)]
    heard, waits = Heard(clock), _Waits()
    source.note = waits
    checkup = Checkup()
    try:
        with overhearing(heard):
            checkup = await base.checkup(source)
        findings += [ok("credentials", f"{identity} accepts them"), *_amount(checkup)]
    except SourceRefused as error:
        findings.append(told("credentials", str(error), "nothing can be read", HELP))
    except SourceError as error:
        findings.append(told("answer", str(error), "nothing can be read now", HELP))
    except OutOfPatience:
        step = "see whether it is well, then run this again; an export waits longer"
        findings.append(fail("answer", f"{name}: {waits.last}", "nothing can be read now", step))
    except (KeyError, TypeError, ValueError) as error:
        what = f"{name}: a reply lacks what its API documents ({type(error).__name__})"
        step = "check the address (base_url), and whether something in between answers for it"
        findings.append(fail("answer", what, "nothing can be read", step))
    finally:
        await source.close()
    return [*findings, *checkup.findings, *heard.findings(provider.title)], checkup


class _Waits:
    """Hears what a source waits for, and keeps the last of it."""

    last = "it did not answer"

    def __call__(self, note: str | None) -> None:
        if note is not None:
            self.last = note.rpartition(", retry after")[0] or note


def _amount(checkup: Checkup) -> list[Finding]:
    counts = (("users", checkup.users), ("organizations", checkup.organizations))
    told = [f"{number:,} {kind}" for kind, number in counts if number]
    return [ok("amount", ", ".join(told))] if told else []


def _binding(identity: str, bound: str | None) -> list[Finding]:
    if bound in (None, identity):
        return []
    what = f"the state holds users of {bound}, the settings name {identity}"
    step = "name another file with --state, or correct the settings"
    return [fail("binding", what, "one state file belongs to one source", step)]
