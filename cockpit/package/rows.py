"""The rows of a package, each judged by itself and by what it refers to in other files."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

from cockpit.package import cells, identities
from cockpit.package.cells import TEXTS
from cockpit.package.findings import Findings
from cockpit.package.headers import FILES
from cockpit.package.scratch import Scratch
from cockpit.package.table import NotATable, Row, Table
from cockpit.passwords import sniff
from cockpit.rules import limits, totp
from cockpit.rules.formulas import unguarded
from cockpit.terms import normal_email

Cells = Mapping[str, str]
ROLE_TYPES = ("environment", "organization")


def judge(tables: Mapping[str, Table], findings: Findings, *, guarded: bool) -> dict[str, int]:
    """Judge every row; returns how many each file has, by its key."""
    with ExitStack() as stack:
        seen = [stack.enter_context(Scratch()) for _ in range(5)]
        return _Judge(tables, findings, guarded, *seen).judge()


class _Judge:
    """Remembers people by id and by e-mail, organizations, roles, and rows that may not repeat."""

    def __init__(
        self,
        tables: Mapping[str, Table],
        findings: Findings,
        guarded: bool,
        people: Scratch,
        emails: Scratch,
        organizations: Scratch,
        roles: Scratch,
        rows: Scratch,
    ) -> None:
        self._tables, self._findings, self._guarded = tables, findings, guarded
        self._people, self._emails, self._organizations = people, emails, organizations
        self._roles, self._rows = roles, rows
        self._any_roles = False

    def judge(self) -> dict[str, int]:
        """In an order in which what is referred to comes first."""
        judges: Mapping[str, Callable[[Row], None]] = {
            "organizations": self._organization,
            "roleDefinitions": self._role,
            "users": self._user,
            "memberships": self._membership,
            "userRoleAssignments": self._assignment,
            "totpSecrets": self._totp,
        }
        order = [*judges, *(key for key in self._tables if key not in judges)]
        return {key: self._file(key, judges.get(key)) for key in order if key in self._tables}

    def _file(self, key: str, judge: Callable[[Row], None] | None) -> int:
        count = 0
        for row in self._readable(key):
            count += 1
            if row.problem:
                self._error("row_unusable", key, row, row.problem)
            elif judge is not None:
                self._formulas(key, row)
                judge(row)
        return count

    def _readable(self, key: str) -> Iterator[Row]:
        try:
            yield from self._tables[key].rows()
        except (NotATable, OSError) as error:
            self._findings.error("csv_unreadable", FILES[key], str(error))

    def _error(self, code: str, key: str, row: Row, message: str) -> None:
        self._findings.error(code, FILES[key], message, row.line)

    def _warning(self, code: str, key: str, row: Row, message: str) -> None:
        self._findings.warning(code, FILES[key], message, row.line)

    def _formulas(self, key: str, row: Row) -> None:
        for column, cell in row.cells.items():
            marked = self._guarded and column in TEXTS and unguarded(cell) != cell
            if not marked and cells.is_formula(cell):
                self._warning("formula", key, row, f"a spreadsheet may run what {column} holds")

    def _organization(self, row: Row) -> None:
        ident = identities.organization(row.cells)
        if not ident:
            self._error("organization_nameless", "organizations", row, "neither org_external_id nor org_name")
        elif not self._organizations.add(identities.digest(ident)):
            self._error("organization_twice", "organizations", row, "an organization that an earlier row has")
        self._metadata("organizations", row)

    def _role(self, row: Row) -> None:
        key, kind = "roleDefinitions", row.cells.get("role_type", "").strip().lower()
        slug, organization = row.cells.get("role_slug", "").strip(), identities.organization(row.cells)
        if not slug:
            self._error("role_nameless", key, row, "no role_slug")
        if kind not in ROLE_TYPES:
            self._error("role_type", key, row, f"role_type is neither {' nor '.join(ROLE_TYPES)}")
        elif (kind == "organization") != bool(organization or row.cells.get("org_id")):
            self._error(
                "role_type", key, row, "role_type and the organization's columns contradict each other"
            )
        if organization:
            self._known_organization(key, row, organization)
        self._any_roles = True
        if slug and not self._roles.add(identities.digest(organization, slug)):
            self._error("role_twice", key, row, "a role that an earlier row has")

    def _user(self, row: Row) -> None:
        key, email = "users", row.cells.get("email", "").strip()
        person, organization = identities.person(row.cells), identities.organization(row.cells)
        if not email:
            self._error("email_missing", key, row, "no e-mail")
        elif problem := limits.email_problem(email):
            self._error("email_syntax", key, row, f"email: {problem}")
        if person:
            self._people.add(identities.digest(person))
            self._unique_email(row, person, normal_email(email))
            if not self._rows.add(identities.digest(key, person, organization)):
                what = "the same user in the same organization as an earlier row"
                self._error(
                    "user_twice", key, row, what if organization else "the same user as an earlier row"
                )
        try:
            cells.read_boolean(row.cells.get("email_verified", ""))
        except ValueError as error:
            self._error("email_verified", key, row, f"email_verified: {error}")
        self._password(row)
        self._metadata(key, row)
        self._place(key, row)

    def _unique_email(self, row: Row, person: str, email: str) -> None:
        known = identities.digest(email)
        if email and not self._emails.add(known, person) and self._emails.text(known) is None:
            self._error("email_twice", "users", row, "the same e-mail as another user's")

    def _password(self, row: Row) -> None:
        stored, kind = (
            row.cells.get("password_hash", "").strip(),
            row.cells.get("password_hash_type", "").strip(),
        )
        if stored:
            password = sniff.judged(stored, kind or None)
            if password.hash is None:
                self._error("password_hash", "users", row, f"password_hash: {password.reason}")
            elif not kind:
                self._warning(
                    "password_hash_type", "users", row, f"no password_hash_type; it is {password.type}"
                )
        elif row.cells.get("password"):
            what = "a password in clear text, which cockpit does not send; hash it"
            self._error("password_in_clear", "users", row, what)

    def _membership(self, row: Row) -> None:
        key = "memberships"
        self._whose(key, row)
        self._place(key, row, needed=True)
        told = (identities.person(row.cells), identities.organization(row.cells))
        if all(told) and not self._rows.add(identities.digest(key, *told)):
            self._error(
                "membership_twice", key, row, "the same user in the same organization as an earlier row"
            )

    def _assignment(self, row: Row) -> None:
        key = "userRoleAssignments"
        self._whose(key, row)
        self._place(key, row, needed=True)
        if slug := row.cells.get("role_slug", "").strip():
            self._known_role(key, row, slug)
        else:
            self._error("role_nameless", key, row, "no role_slug")

    def _totp(self, row: Row) -> None:
        key = "totpSecrets"
        self._whose(key, row)
        secret = row.cells.get("totp_secret", "").strip()
        if problem := totp.factor("", "", secret).problem:
            self._error("totp_secret", key, row, problem)

    def _whose(self, key: str, row: Row) -> None:
        """The user that a row is about is one of users.csv."""
        ident, email = row.cells.get("external_id", "").strip(), normal_email(row.cells.get("email", ""))
        known = (
            identities.digest(ident) in self._people if ident else identities.digest(email) in self._emails
        )
        if not ident and not email:
            self._error("user_unnamed", key, row, "neither external_id nor email")
        elif not known:
            self._error("user_unknown", key, row, f"a user whom {FILES['users']} does not have")

    def _place(self, key: str, row: Row, *, needed: bool = False) -> None:
        organization, own = identities.organization(row.cells), row.cells.get("org_id", "").strip()
        if own and row.cells.get("org_external_id"):
            self._error("organization_twofold", key, row, "both org_id and org_external_id")
        elif own and not organization:
            what = "org_id alone, WorkOS's own id; cockpit needs org_external_id"
            self._warning("organization_by_org_id", key, row, what)
        elif needed and not organization:
            self._error("organization_unnamed", key, row, "no organization")
        if organization:
            self._known_organization(key, row, organization)
        for slug in cells.read_list(row.cells.get("role_slugs", "")):
            self._known_role(key, row, slug)

    def _known_organization(self, key: str, row: Row, organization: str) -> None:
        if "organizations" in self._tables and identities.digest(organization) not in self._organizations:
            what = f"an organization that {FILES['organizations']} does not have"
            self._warning("organization_unknown", key, row, what)

    def _known_role(self, key: str, row: Row, slug: str) -> None:
        places = (identities.organization(row.cells), "")
        if self._any_roles and not any(identities.digest(place, slug) in self._roles for place in places):
            self._warning("role_unknown", key, row, f"a role that {FILES['roleDefinitions']} does not have")

    def _metadata(self, key: str, row: Row) -> None:
        try:
            cells.read_metadata(row.cells.get("metadata", ""))
        except ValueError:
            self._error("metadata", key, row, "metadata is no JSON object")
