"""An application of 20,000 users on a real Better Auth server: a few signed up there, the rest by SQL."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.peers import servers
from tests.peers.journey import Source
from tests.peers.servers import Server

SETTINGS = '[source]\nprovider = "better_auth"\napplication = "peers"\n'
LIST = "/api/auth/admin/list-users"
CREATED = "2024-01-01T00:00:00.000Z"
_USERS = f"""insert into user(id, name, email, emailVerified, createdAt, updatedAt, role, banned)
    values(?, ?, ?, ?, '{CREATED}', '{CREATED}', 'user', ?)"""
_ACCOUNTS = f"""insert into account(
    id, accountId, providerId, userId, accessToken, password, createdAt, updatedAt)
    values(?, ?, ?, ?, ?, ?, '{CREATED}', '{CREATED}')"""
TOKEN = "a-token-that-stays-where-it-is"


@dataclass(frozen=True)
class Person:
    """Somebody who signs up as a person does."""

    name: str
    email: str
    password: str


ADMIN = Person("Administrator", "admin@example.com", "steers the whole thing")
PEOPLE = (
    Person("Ana Díaz", "ana@example.com", "correct horse battery staple"),
    Person("Jörg Müller", "joerg@example.com", "Fähre 日本 🔑 unter Brücke"),
    Person("Bo Li", "bo@example.com", "12345678"),
)


@dataclass(frozen=True)
class Application:
    """The server, and the file that it keeps its users in."""

    server: Server
    file: Path

    def database(self) -> Source:
        """The file as the source of a journey."""
        return Source("better_auth", SETTINGS, {"DATABASE_URL": f"sqlite:{self.file}"})

    def api(self) -> Source:
        """The API as the source of a journey, for the administrator."""
        environment = {
            "BETTER_AUTH_URL": self.server.base_url,
            "BETTER_AUTH_EMAIL": ADMIN.email,
            "BETTER_AUTH_PASSWORD": ADMIN.password,
        }
        return Source("better_auth", SETTINGS, environment)

    def sign_up(self, people: Sequence[Person]) -> None:
        """Each of them, one after the other; ADMIN is made administrator."""
        with httpx.Client(base_url=self.server.base_url, timeout=30, trust_env=False) as client:
            for person in people:
                body = {"name": person.name, "email": person.email, "password": person.password}
                client.post(
                    "/api/auth/sign-up/email", json=body, headers={"origin": self.server.base_url}
                ).raise_for_status()
        self._write("update user set role = 'admin' where email = ?", [(ADMIN.email,)])

    def seed(self, numbers: range) -> None:
        """Users by SQL, with the hash of somebody who signed up; every fifth signs in with Google only."""
        (stored,) = self.rows("select password from account where password is not null limit 1")[0]
        self._write(
            _USERS,
            ((ident(n), "Ana Díaz", f"user{n}@example.com", n % 3 == 0, n % 40 == 3) for n in numbers),
        )
        self._write(
            _ACCOUNTS,
            (
                (f"a{n}", f"1157{n}", "google", ident(n), TOKEN, None)
                if n % 5 == 4
                else (f"a{n}", ident(n), "credential", ident(n), None, stored)
                for n in numbers
            ),
        )

    def users(self) -> Mapping[str, tuple[Any, ...]]:
        """Everybody in the file: id -> (e-mail, confirmed, provider, hash)."""
        query = """select u.id, u.email, u.emailVerified, a.providerId, a.password
            from user u join account a on a.userId = u.id"""
        return {row[0]: row[1:] for row in self.rows(query)}

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query of the file."""
        with closing(sqlite3.connect(self.file)) as connection:
            return connection.execute(query).fetchall()

    def _write(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        with closing(sqlite3.connect(self.file)) as connection, connection:
            connection.executemany(statement, rows)

    def refuses(self, after: int) -> bool:
        """Whether its limiter answers one who asks more than so many times in a row."""
        with httpx.Client(base_url=self.server.base_url, timeout=30, trust_env=False) as client:
            return 429 in [client.get(LIST).status_code for _ in range(after + 1)]


def ident(number: int) -> str:
    """An id such as Better Auth makes them, whose order says nothing of when it was made."""
    return f"{number * 7919 % 1_000_003:06}{'betterauth' * 3}"[:32]


@contextmanager
def application(folder: Path, users: int) -> Iterator[Application]:
    """A server with so many users, of whom the administrator and PEOPLE signed up there."""
    file = folder / "application.db"
    with servers.better_auth(file) as server:
        made = Application(server, file)
        made.sign_up([ADMIN, *PEOPLE])
        made.seed(range(users - 1 - len(PEOPLE)))
        yield made
