"""cockpit.toml and the environment become Settings; a secret is named in the file, never written there."""

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from cockpit.rollout.rules import RolloutSettings
from cockpit.rules.fixes import Rule, made
from cockpit.terms import TRAITS, Trait
from cockpit.webhooks.sequence import Step


class SettingsError(Exception):
    """A settings file or variable that can't be used; the message says which and why."""


DOTENV = ".env"
NAMED = ("keyring:", "env:")


def _resolve(secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
    if secret is None or not secret.get_secret_value():
        return None  # an empty variable hides what .env says
    where, _, name = secret.get_secret_value().partition(":")
    if where == "env":
        found = variable(name)
        if found is None:
            raise ValueError(f"the environment has no {name}")
        return SecretStr(found)
    if where != "keyring":
        return secret
    try:
        import keyring
    except ImportError as error:
        raise ValueError("keyring: needs the extra, pip install 'cockpit[keyring]'") from error
    value = keyring.get_password("cockpit", name)
    if value is None:
        raise ValueError(f"the keyring has no entry cockpit/{name} (for {info.field_name})")
    return SecretStr(value)


def variable(name: str) -> str | None:
    """What a variable says, in the environment or else in .env; None for an empty one, too."""
    return os.environ.get(name) or dotenv_values(DOTENV).get(name) or None


Secret = Annotated[SecretStr | None, AfterValidator(_resolve)]
"""A secret's value, from the environment or .env; `keyring:NAME` is looked up in the system's keyring,
`env:NAME` in the environment under another name."""


class TableSettings(BaseSettings):
    """One table of cockpit.toml. The environment wins over .env, .env over the file."""

    # Without a prefix each field would also be read from its bare name: an application's own BASE_URL.
    model_config = SettingsConfigDict(
        env_file=DOTENV, env_prefix="COCKPIT_", extra="ignore", populate_by_name=True, frozen=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, dotenv_settings, init_settings

    @classmethod
    def load(cls, table: Mapping[str, Any], where: str) -> Self:
        """Validate one table.

        Raises SettingsError for a value that can't be used, for a setting there is none of and for a
        secret written out in the file.
        """
        if unknown := sorted(table.keys() - cls.model_fields.keys() - {"provider"}):
            raise SettingsError(
                f"[{where}] {unknown[0]}: no such setting; known: {', '.join(sorted(cls.model_fields))}"
            )
        for name, info in cls.model_fields.items():
            written = table.get(name)
            if _is_secret(info.annotation) and isinstance(written, str) and not written.startswith(NAMED):
                raise SettingsError(
                    f"[{where}] {name}: a secret is not written in cockpit.toml; "
                    f"set the environment variable, or name it as keyring:NAME"
                )
        try:
            return cls(**table)
        except ValidationError as error:
            raise SettingsError(_explain(error, where)) from None


def _is_secret(annotation: object) -> bool:
    return "SecretStr" in repr(annotation)


def _explain(error: ValidationError, where: str) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    return f"[{where}] {field}: {first['msg']}"


class TargetSettings(TableSettings):
    """The WorkOS environment that is written to. Limits are WorkOS's published ones; 0 means none.

    That of factors is not published: WorkOS's own migration tool sends ten a second.
    """

    base_url: str = Field("https://api.workos.com", validation_alias=AliasChoices("WORKOS_BASE_URL"))
    api_key: Secret = Field(None, validation_alias=AliasChoices("WORKOS_API_KEY", "WORKOS_SECRET_KEY"))
    client_id: str | None = Field(None, validation_alias=AliasChoices("WORKOS_CLIENT_ID"))
    writes_per_10s: int = Field(500, ge=0)
    reads_per_10s: int = Field(1000, ge=0)
    requests_per_60s: int = Field(6000, ge=0)
    factors_per_s: int = Field(10, ge=0)
    timeout_s: float = Field(30.0, gt=0)


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


Decision = Literal["import", "hold"]
M = TypeVar("M", bound=BaseModel)


class ImportSettings(_Table):
    """How users are sent. `batch_size` is the claim size and the grid on the screen."""

    batch_size: int = Field(100, ge=1, le=1000)
    on_conflict: Literal["ask", "adopt", "skip"] = "ask"


def _known_columns(columns: dict[str, str]) -> dict[str, str]:
    from cockpit.passwords.table_file import COLUMNS  # seldom needed, and not for every start

    if unknown := sorted(columns.keys() - COLUMNS.keys()):
        raise ValueError(f"{unknown[0]}: nothing of that name is read; known: {', '.join(COLUMNS)}")
    named = {**COLUMNS, **columns}
    if "" in named.values():
        raise ValueError("a column without a name")
    if len(set(named.values())) < len(named):
        raise ValueError("one column for two things")
    return columns


class PasswordSettings(_Table):
    """What happens to users who had a password whose hash could not be had.

    ask: import refuses (exit 5) with counts by reason. silent: they reset at the next login. email: they
    are imported and listed for a reset e-mail. hold: they are not imported (skipped). `columns`: what a
    vendor's file of hashes calls id, email, hash and type. `mailer`: who sends the reset e-mails, WorkOS or a
    command (program and arguments) that is given {"email", "url", "expires_at"} on its standard input.
    """

    columns: Annotated[dict[str, str], AfterValidator(_known_columns)] = {}
    without_hash: Literal["ask", "silent", "email", "hold"] = "ask"
    firebase_format: Literal["phc", "flat"] = "phc"
    mailer: Annotated[
        Literal["workos"] | Annotated[tuple[str, ...], Field(min_length=1)] | None,
        BeforeValidator(lambda written: None if written == "" else written),  # as cockpit init writes it
    ] = None
    resets_per_min: int = Field(60, ge=1, le=3000)


def _known_places(columns: dict[str, str]) -> dict[str, str]:
    from cockpit.passwords.totp_file import NAMES  # as above

    if unknown := sorted(columns.keys() - set(NAMES)):
        raise ValueError(f"{unknown[0]}: nothing of that name is read; known: {', '.join(NAMES)}")
    return columns


class FactorSettings(_Table):
    """`columns`: what a vendor's file of TOTP secrets calls id, email, connection and secret.

    A key of an inner object is written with dots: "mfa.totp.secret".
    """

    columns: Annotated[dict[str, str], AfterValidator(_known_places)] = {}


class MappingSettings(_Table):
    """What of a source record goes to the target, and which users stay behind.

    `roles`: the target's slugs for the source's names of roles and permissions; others are made of the name.
    A user who is held is skipped, and goes along once the setting is changed. Users who are several of
    these go along only where nothing holds them. The defaults hold whom the target would let in although
    the source does not.
    """

    metadata: tuple[str, ...] = Field((), description="app metadata keys (top level) that may go along")
    split_names: bool = Field(False, description="divide a single display name at its last space")
    roles: dict[str, str] = Field({}, description="slugs of the target by the source's names of roles")
    deleted: Decision = Field("hold", description="kept by the source as deleted")
    banned: Decision = Field("hold", description="disabled, banned, blocked or locked there")
    anonymous: Decision = Field("hold", description="without any identity; mostly without an e-mail too")
    unconfirmed: Decision = Field("hold", description="never finished signing up, or only invited")
    federated: Decision = Field("import", description="no password, social or enterprise identity only")
    unverified: Decision = Field("import", description="e-mail never verified")

    @property
    def held(self) -> tuple[Trait, ...]:
        """What users are held back for, the gravest first."""
        return tuple(trait for trait in TRAITS if getattr(self, trait) == "hold")


class ConnectionSettings(_Table):
    """How SSO connections move. `proxy_from`: so many that can move transparently are worth a proxy.

    `hosts`: those of yours that the proxy will serve; an IdP that answers elsewhere can't be taken over.
    `allow_private`: IdP documents may be read from private networks and this machine, and by http.
    """

    proxy_from: int = Field(15, ge=1)
    hosts: tuple[str, ...] = ()
    allow_private: bool = False


def _variable(name: str) -> AliasChoices:
    return AliasChoices(f"COCKPIT_{name}")


class ProxySettings(TableSettings):
    """The transparent proxy. Paths may hold {connection}; times are in seconds.

    `hosts`: those served, [connections] hosts by default. `redirect_uri`: where WorkOS sends users of logins
    that begin at `starts`. `trusted`: addresses of balancers whose X-Forwarded-For is believed.
    """

    legacy_origin: str | None = Field(None, description="the legacy handler, on an internal address")
    legacy_host: str | None = Field(None, description="the Host it expects; default: the browser's")
    legacy_ca: str | None = Field(None, description="a file of certificates to trust for an https origin")
    hosts: tuple[str, ...] = ()
    callbacks: tuple[str, ...] = ("/sso/{connection}/acs", "/sso/{connection}/callback")
    starts: tuple[str, ...] = Field((), description='such as "/sso/{connection}/login"')
    query: tuple[str, ...] = Field(("connection",), description="query parameters that name the connection")
    redirect_uri: str | None = None
    authorize_url: str | None = Field(None, description="default: /sso/authorize at [target] base_url")
    workos_hosts: tuple[str, ...] = Field(
        ("auth.workos.com", "api.workos.com"), description="targets allowed"
    )
    flags: str = Field("built-in", description="or flagd:FILE, python:MODULE:FUNCTION (OpenFeature)")
    replay_guard: bool = True
    observe: bool = True
    public_scheme: Literal["http", "https"] = "https"
    trusted: tuple[str, ...] = ()
    help_url: str | None = Field(None, description="linked from the proxy's own error pages")
    tls_certificate: str | None = Field(None, description="a file; default: a balancer in front ends TLS")
    tls_key: str | None = None
    admin_listen: str = Field("127.0.0.1:9464", description='metrics and health; "" for none')
    decision_listen: str = Field("", description="GET /decision/{connection}, for the application alone")
    reading_s: float = Field(10.0, gt=0)
    legacy_connect_s: float = Field(5.0, gt=0)
    legacy_answer_s: float = Field(60.0, gt=0)
    max_connections: int = Field(2000, gt=0)
    cookie_key: Secret = Field(None, validation_alias=_variable("COOKIE_KEY"))
    cookie_key_previous: Secret = Field(None, validation_alias=_variable("COOKIE_KEY_PREVIOUS"))
    snapshot_key: Secret = Field(None, validation_alias=_variable("SNAPSHOT_KEY"))
    snapshot_key_previous: Secret = Field(None, validation_alias=_variable("SNAPSHOT_KEY_PREVIOUS"))
    snapshot_token: Secret = Field(None, validation_alias=_variable("SNAPSHOT_TOKEN"))


class WebhookSettings(_Table):
    """How the sequence of webhooks is proven, and how long a proof holds.

    `legacy_off_h`, `workos_off_h`, `quiet_h`: hours until a proof of that step ends. `settle_min`: so long
    nothing may come from the old provider once its webhooks are off. `quiet_min`: so far apart are two looks
    at the source. `bake_days`: so long nothing may come in the end. `tank_url`: where providers reach the
    tank. `write_token`: the variable with a credential that may switch the old provider's streams.
    `keep_streams`: ids of its streams that stay on, since they go to no application (a log archive).
    """

    legacy_off_h: float = Field(24.0, ge=0)
    workos_off_h: float = Field(24.0, ge=0)
    quiet_h: float = Field(4.0, ge=0)
    settle_min: float = Field(30.0, ge=0, description="nothing comes for so long once it is off")
    quiet_min: float = Field(10.0, ge=0, description="two looks at the source, so far apart")
    bake_days: float = Field(7.0, ge=0, description="nothing comes for so long in the end")
    tank_url: str = Field("", description="where providers reach the tank")
    write_token: str = Field("AUTH0_WRITE_TOKEN", min_length=1, description="a variable, not a secret")
    keep_streams: tuple[str, ...] = Field((), description="ids of streams that your application never sees")

    def life_ms(self, step: Step) -> int | None:
        """How long evidence of a step holds; None: for good."""
        hours = {"legacy_off": self.legacy_off_h, "workos_off": self.workos_off_h, "quiet": self.quiet_h}
        return round(hours[step] * 3_600_000) if step in hours else None


class RuleSettings(_Table):
    """A fix rule, as cockpit rules export writes it: what is done to each record that fails for a cause."""

    cause: str
    action: str
    field: str = ""
    value: str = ""
    match: str = ""


@dataclass(frozen=True)
class Settings:
    """Everything a command or a job needs to know, read once."""

    source: Mapping[str, Any]
    target: TargetSettings
    imports: ImportSettings
    passwords: PasswordSettings
    mapping: MappingSettings
    state: Path
    connections: ConnectionSettings = field(default_factory=ConnectionSettings)
    factors: FactorSettings = field(default_factory=FactorSettings)
    rollout: RolloutSettings = field(default_factory=RolloutSettings)
    rules: Sequence[Rule] = ()
    proxy: ProxySettings = field(default_factory=ProxySettings)
    webhooks: WebhookSettings = field(default_factory=WebhookSettings)

    @property
    def provider(self) -> str | None:
        """The source named in [source] provider, if any."""
        return self.source.get("provider")


def _table(model: type[M], tables: Mapping[str, Any], where: str) -> M:
    try:
        return model(**tables.get(where, {}))
    except ValidationError as error:
        raise SettingsError(_explain(error, where)) from None


def _rules(tables: Any) -> list[Rule]:
    if not isinstance(tables, list):
        raise SettingsError("rules are a list of tables; write each as [[rules]]")
    found = []
    for number, table in enumerate(tables, 1):
        try:
            found.append(made(**RuleSettings(**table).model_dump()))
        except ValidationError as error:
            raise SettingsError(_explain(error, f"rules, {number}")) from None
        except (TypeError, ValueError) as error:
            raise SettingsError(f"[[rules]], {number}: {error}") from None
    return found


def load(config: Path | None = None, state: Path | None = None) -> Settings:
    """Read the settings file (./cockpit.toml unless named; it may be absent) and the environment.

    Raises SettingsError when a named file is missing or a value can't be used.
    """
    path = config or Path("cockpit.toml")
    tables: dict[str, Any] = {}
    if config is not None or path.exists():
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise SettingsError(f"{path}: {error.strerror}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path}: not TOML: {error}") from None
    rules = _rules(tables.pop("rules", []))
    known = {
        *("source", "target", "import", "passwords", "factors", "mapping", "connections", "rollout"),
        *("proxy", "webhooks"),
    }
    if unknown := sorted(tables.keys() - known):
        raise SettingsError(f"{path}: unknown table [{unknown[0]}]; known: {', '.join(sorted(known))}")
    if bare := [name for name, table in tables.items() if not isinstance(table, dict)]:
        raise SettingsError(f"{path}: {bare[0]} is a table; write it as [{bare[0]}]")
    return Settings(
        source=tables.get("source", {}),
        target=TargetSettings.load(tables.get("target", {}), "target"),
        imports=_table(ImportSettings, tables, "import"),
        passwords=_table(PasswordSettings, tables, "passwords"),
        mapping=_table(MappingSettings, tables, "mapping"),
        factors=_table(FactorSettings, tables, "factors"),
        state=state or Path("cockpit.db"),
        connections=_table(ConnectionSettings, tables, "connections"),
        rollout=_table(RolloutSettings, tables, "rollout"),
        rules=rules,
        proxy=ProxySettings.load(tables.get("proxy", {}), "proxy"),
        webhooks=_table(WebhookSettings, tables, "webhooks"),
    )
