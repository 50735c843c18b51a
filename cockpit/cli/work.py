"""What a job needs before it is launched: its arguments, and settings that can't work refused at once."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cockpit.cli.context import Cli
from cockpit.cli.exits import ExitCode, Failed
from cockpit.cli.follow import Details, run_job
from cockpit.terms import KINDS, PLURALS, Readable

if TYPE_CHECKING:
    from cockpit.settings import Settings
    from cockpit.state.jobs import JobKind


def start(
    cli: Cli,
    kind: "JobKind",
    args: Mapping[str, Any],
    *,
    detach: bool = False,
    as_json: bool = False,
    details: Details | None = None,
    meanwhile: Details | None = None,
) -> int:
    """Check the settings that the job depends on, launch it, follow it; returns the exit code.

    Raises SettingsError, BindingError, JobRefused, StateError.
    """
    told = args.get("told") or {}
    settings = cli.settings()
    wanted: dict[str, Any]
    match kind:
        case "export":
            name = source_to_export(cli, settings, args.get("source"), told)
            wanted = {"source": name, "kinds": _exported(name, args.get("kinds") or KINDS)}
        case "lint":
            wanted = {}
        case "import":
            names = ("kinds", "limit", "only", "users", "live_source", "override")
            wanted = {name: args.get(name) for name in names}
        case "diff":
            wanted = {"source": args.get("source")}
        case "run" | "sync":
            name = source_to_export(cli, settings, args.get("source"), told)
            wanted = {"source": name, "max_rounds": args.get("max_rounds")}
            wanted |= {gate: args.get(gate) for gate in ("live_source", "override")}
        case "webhooks":
            wanted = {"step": args.get("step")}
        case "events":
            wanted = {"once": bool(args.get("once"))}
        case "reset":
            wanted = {name: args.get(name) for name in ("limit", "again")}
        case "drain" if "to" not in args:
            raise Failed("where to? start it with: cockpit webhooks drain --to URL", ExitCode.USAGE)
        case "check" | "create" | "match" | "invite" | "rollout" | "drain":
            wanted = dict(args)
    if kind not in ("export", "run", "drain") and not cli.state.exists():
        with cli.reading():
            raise AssertionError("a missing state is refused on opening")
    if kind in ("import", "diff", "reset"):
        bound_source(cli, args.get("source"))
    if kind not in ("export", "lint", "check", "drain") and not args.get("results"):
        need_key(settings)
    if told:
        wanted["told"] = told
    return run_job(cli, kind, wanted, detach=detach, as_json=as_json, details=details, meanwhile=meanwhile)


def _exported(name: str, kinds: Sequence[Readable]) -> list[Readable]:
    """Those of the kinds that the source has pages of; at least one, else it says where they are."""
    from cockpit.sources import base

    provider = base.find(name)
    found = [kind for kind in kinds if kind in provider.readable]
    if not found:
        inside = provider.tenancy is not None and any(kind in provider.tenancy.inside for kind in kinds)
        named = " and ".join(PLURALS[kind] for kind in kinds)
        where = "they come with the users: cockpit users export" if inside else "that provider shows none"
        raise Failed(f"{provider.title} has no {named} to export by themselves; {where}", ExitCode.USAGE)
    return found


def source_to_export(cli: Cli, settings: "Settings", named: str | None, told: Mapping[str, Any]) -> str:
    """The provider to read: --source, else cockpit.toml's, else the state's. Its settings are complete.

    `told`: what the command line says of where its files are.
    """
    from cockpit.sources import base
    from cockpit.state import meta

    bound = cli.binding().source
    name = named or settings.provider or (bound.split(":", 1)[0] if bound else None)
    if name is None:
        raise Failed(
            f"which source? name it with --source ({', '.join(base.names())}), or write it with: "
            f"cockpit init --source NAME",
            ExitCode.USAGE,
        )
    provider = base.find(name)
    if settings.provider not in (None, name):
        raise Failed(
            f"--source {name}, but cockpit.toml's [source] is {settings.provider}; "
            f"name another file with --config",
            ExitCode.USAGE,
        )
    identity = provider.identity(base.pointed(settings, told, bound))
    if bound is not None and bound != identity:
        raise meta.BindingError(
            f"this state holds users of {bound}, not of {identity}; name another file with --state"
        )
    return name


def bound_source(cli: Cli, named: str | None) -> None:
    """Refuse a --source that is not the state's."""
    bound = cli.binding().source
    provider = bound.split(":", 1)[0] if bound else None
    if named is not None and provider is not None and named != provider:
        raise Failed(
            f"this state holds users of {bound}, not of {named}; name another file with --state",
            ExitCode.USAGE,
        )


def need_key(settings: "Settings") -> None:
    """Refuse to go on without the target's API key."""
    if settings.target.api_key is None:
        raise Failed(
            "no API key for the target; set WORKOS_API_KEY (in this shell or in .env)", ExitCode.USAGE
        )
