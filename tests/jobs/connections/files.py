"""CSV files of a self-built system's connections, and what the state makes of them."""

from pathlib import Path

from cockpit.clock import SystemClock
from cockpit.connections.handoff import cells
from cockpit.connections.handoff.headers import OIDC, SAML
from cockpit.jobs.connections import from_csv
from cockpit.state import connections
from cockpit.state.connections import ConnectionRow
from tests.connections.keys import bare
from tests.jobs.world import World

COLUMNS = tuple(dict.fromkeys((*SAML["R3"], *OIDC["R3"], "nameIdFormat")))
OFF = "[connections]\nallow_private = true\nproxy_from = 1\n"


def saml(number: int, certificate: str, **changes: str) -> dict[str, str]:
    """A row that moves transparently."""
    row = {
        "externalId": f"con_{number}",
        "name": f"Customer {number}",
        "organizationName": f"Customer {number}",
        "organizationExternalId": f"cust_{number}",
        "domains": f"customer{number}.example",
        "idpEntityId": f"https://idp{number}.example",
        "idpUrl": f"https://idp{number}.example/sso",
        "x509Cert": bare(certificate),
        "customEntityId": "urn:us",
        "customAcsUrl": f"https://sso.us.example/{number}/acs",
        "emailAttribute": "email",
    }
    return row | changes


def oidc(number: int, **changes: str) -> dict[str, str]:
    """The same by OpenID Connect."""
    row = {
        "externalId": f"con_{number}",
        "name": f"Customer {number}",
        "organizationName": f"Customer {number}",
        "organizationExternalId": f"cust_{number}",
        "domains": f"customer{number}.example",
        "clientId": f"client-{number}",
        "clientSecret": f"hush-{number}",
        "discoveryEndpoint": f"https://idp{number}.example/.well-known/openid-configuration",
        "customRedirectUri": f"https://sso.us.example/{number}/callback",
    }
    return row | changes


def load(world: World, *rows: dict[str, str]) -> None:
    """Read the rows into the state, from a file."""
    file = Path(world.state).with_name("connections.csv")
    columns = tuple(dict.fromkeys((*COLUMNS, *(name for row in rows for name in row))))
    file.write_text(cells.text(columns, rows), newline="")
    from_csv.load(world.state, file, operator="tester", clock=SystemClock())


def listed(world: World) -> dict[str, ConnectionRow]:
    """Every connection by its source id."""
    reading = world.read()
    rows = connections.rows(reading, connections.ids(reading))
    reading.close()
    return {row.source_id: row for row in rows}
