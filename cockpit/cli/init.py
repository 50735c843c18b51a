"""cockpit init: a settings file with comments, and a .gitignore, so that no state is ever committed."""

from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import click
from pydantic import AliasChoices
from pydantic.fields import FieldInfo

from cockpit.cli import output
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import ExitCode, Failed
from cockpit.cli.group import Command
from cockpit.rollout.rules import RolloutSettings
from cockpit.settings import (
    ConnectionSettings,
    FactorSettings,
    ImportSettings,
    MappingSettings,
    PasswordSettings,
    ProxySettings,
    TableSettings,
    TargetSettings,
    WebhookSettings,
)
from cockpit.sources import base

IGNORED = ("/cockpit.db*", "/rollout.db*", "/errors.jsonl", ".env")

HEAD = """\
# Settings of cockpit. No secret belongs here: secrets come from the environment, from .env, or from the
# system's keyring (name = "keyring:NAME"). What is commented out shows its default or an empty place.
"""


@click.command("init", cls=Command, writes=True)
@click.option("--source", required=True, metavar="NAME", help="The provider to move from.")
@pass_cli
def init_command(cli: Cli, source: str) -> None:
    """Write cockpit.toml with comments, and a .gitignore for the state."""
    provider = base.find(source)
    path = cli.config or Path("cockpit.toml")
    if path.exists():
        raise Failed(f"{path} exists already; edit it, or name another file with --config", ExitCode.FAILED)
    try:
        path.write_text(template(provider), encoding="utf-8")
        added = _ignore(path.with_name(".gitignore"))
    except OSError as error:
        raise Failed(f"{error.filename}: {error.strerror}") from error
    output.say(f"{path} written{', .gitignore brought up to date' if added else ''}")
    output.say(f"next: set the secrets it names, then: cockpit users export --source {source}")


def template(provider: base.Provider) -> str:
    """The settings file for a provider: every setting there is, each with its default."""
    own = [kind for kind in TableSettings.__subclasses__() if _is_of(provider, kind.__module__)]
    lines = [HEAD, "[source]", f'provider = "{provider.name}"   # {provider.title}']
    lines += [line for kind in own for line in _table(kind)]
    lines.append(f"# password hashes: {provider.passwords}")
    for name, model, comment in (
        ("target", TargetSettings, "WorkOS. The limits are its published ones; 0 means none."),
        ("import", ImportSettings, "on_conflict is for users the target has already"),
        ("passwords", PasswordSettings, "without_hash is for users whose hash could not be had"),
        ("factors", FactorSettings, "columns is for a file of TOTP secrets: factors load FILE"),
        (
            "mapping",
            MappingSettings,
            "What goes along, and who; users are skipped where it says hold",
        ),
        ("connections", ConnectionSettings, "SSO connections: see cockpit help connections"),
        ("rollout", RolloutSettings, "When and by what proof logins move: see cockpit help rollout"),
        ("proxy", ProxySettings, "The transparent proxy: see cockpit help proxy"),
        ("webhooks", WebhookSettings, "The sequence around an import: see cockpit help webhooks"),
    ):
        lines += ["", f"# {comment}", f"[{name}]", *_table(model)]
    return "\n".join(lines) + "\n"


def _is_of(provider: base.Provider, module: str) -> bool:
    """Whether a module is the provider's own, or one that only it uses."""
    package, _, name = module.rpartition(".")
    return package == "cockpit.sources" and f"{name}_".startswith((f"{provider.name}_", f"_{provider.name}_"))


def _table(model: Any) -> list[str]:
    fields: dict[str, FieldInfo] = model.model_fields
    lines = []
    for name, field in fields.items():
        where = _variables(field)
        if "SecretStr" in repr(field.annotation):
            lines.append(f"# {name}: a secret, from {' or '.join(where)}")
        else:
            lines.append(f"# {name} = {_toml(field.default)}{_comment(field, where)}")
    return lines


def _comment(field: FieldInfo, where: list[str]) -> str:
    """What may be written there: a variable that wins, the choices there are, what it is about."""
    limited = get_origin(field.annotation) is Literal
    choices = " | ".join(get_args(field.annotation)) if limited else ""
    parts = [f"or {where[0]}" if where else "", choices, field.description or ""]
    said = ": ".join(filter(None, parts))
    return f"   # {said}" if said else ""


def _variables(field: FieldInfo) -> list[str]:
    alias = field.validation_alias
    return [str(choice) for choice in alias.choices] if isinstance(alias, AliasChoices) else []


def _toml(value: object) -> str:
    match value:
        case None:
            return '""'
        case bool():
            return str(value).lower()
        case tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case dict():
            return f"{{ {', '.join(f'{_toml(name)} = {_toml(inner)}' for name, inner in value.items())} }}"
        case str():
            return f'"{value}"'
        case _:
            return str(value)


def _ignore(path: Path) -> bool:
    present = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    missing = [line for line in IGNORED if line not in present]
    if missing:
        path.write_text("\n".join([*present, *missing]) + "\n", encoding="utf-8")
    return bool(missing)
