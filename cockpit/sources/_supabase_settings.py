"""Supabase's settings: a door of the database, or one of the admin API."""

import re

from pydantic import AliasChoices, Field

from cockpit.settings import Secret, Settings, SettingsError, TableSettings
from cockpit.sources import _supabase_sql

HOSTED = ".supabase.co"
_REFERENCE = re.compile(r"[a-z]{20}")
"""What a hosted project is called."""


class SupabaseSettings(TableSettings):
    """[source] with provider = "supabase": a database_url, or url and a service key.

    organization_key: of app_metadata, where the application keeps the id or name of a user's organization.
    """

    database_url: Secret = Field(None, validation_alias=AliasChoices("SUPABASE_DB_URL"))
    url: str | None = Field(None, validation_alias=AliasChoices("SUPABASE_URL"))
    base_url: str | None = Field(None, validation_alias=AliasChoices("SUPABASE_BASE_URL"))
    service_key: Secret = Field(
        None, validation_alias=AliasChoices("SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_SECRET_KEY")
    )
    organization_key: str | None = Field(None, validation_alias=AliasChoices("SUPABASE_ORGANIZATION_KEY"))
    project: str | None = Field(None, validation_alias=AliasChoices("SUPABASE_PROJECT"))
    timeout_s: float = Field(30.0, gt=0, validation_alias=AliasChoices("SUPABASE_TIMEOUT_S"))

    @property
    def api(self) -> str:
        """Where the auth API is served, "" when neither url nor base_url is set."""
        return self.base_url or (f"{self.url.rstrip('/')}/auth/v1" if self.url else "")

    @property
    def public_api(self) -> str | None:
        """The same as the world knows it, by its reference if it is hosted; None where nothing tells."""
        if self.api or self.database_url is None:
            return self.api or None
        named = self.project or _supabase_sql.project(self.database_url.get_secret_value())
        return f"https://{named}{HOSTED}/auth/v1" if _REFERENCE.fullmatch(named) else None


def read_settings(settings: Settings) -> SupabaseSettings:
    """Those of [source]. Raises SettingsError."""
    found = SupabaseSettings.load(settings.source, "source")
    if found.database_url is None and not (found.api and found.service_key):
        raise SettingsError(
            "supabase: no credentials; set SUPABASE_DB_URL (it has the hashes), or SUPABASE_URL and "
            "SUPABASE_SERVICE_ROLE_KEY"
        )
    return found
