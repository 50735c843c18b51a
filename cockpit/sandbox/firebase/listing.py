"""The order of accounts:batchGet, by localId, and the place that a page token stands for."""

import base64
import binascii
from bisect import bisect_right, insort
from collections import defaultdict

from cockpit.sandbox.firebase.records import PROJECT, local_id, tenant_of
from cockpit.sandbox.population import Population
from cockpit.sandbox.web import Json

Entry = tuple[str, int]


class Listing:
    """Every account's id and number, sorted once for the project and for each tenant."""

    def __init__(self, population: Population, tenants: int) -> None:
        self.population, self._tenants = population, tenants
        self._orders: defaultdict[str, list[Entry]] | None = None
        self._known = population.people.count

    def page(self, tenant: str, size: int, token: str | None) -> tuple[list[Json], str | None]:
        """Accounts behind the token's place; with every page that has one, a token for the next."""
        entries = self._entries(tenant)
        place = bisect_right(entries, (_last_id(token), 1 << 62)) if token else 0
        accounts: list[Json] = []
        while place < len(entries) and len(accounts) < size:
            index = entries[place][1]
            if not self.population.is_deleted(index):
                accounts.append(self.population.record(index))
            place += 1
        if not accounts:
            return [], None
        return accounts, base64.urlsafe_b64encode(str(accounts[-1]["localId"]).encode()).decode()

    def count(self, tenant: str) -> int:
        """How many accounts the project itself or the tenant holds."""
        return sum(not self.population.is_deleted(index) for _, index in self._entries(tenant))

    def _entries(self, tenant: str) -> list[Entry]:
        if self._orders is None:
            self._orders = defaultdict(list)
            for index in range(self.population.people.count):
                ident = local_id(self.population.people.token(index), index)
                self._orders[tenant_of(index, self._tenants)].append((ident, index))
            for order in self._orders.values():
                order.sort()
        for index in self.population.added():
            if index >= self._known:
                record = self.population.record(index)
                insort(self._orders[record.get("tenantId", PROJECT)], (str(record["localId"]), index))
                self._known = index + 1
        return self._orders[tenant]


def _last_id(token: str) -> str:
    """The id that a token was made of; ValueError when it was not made here."""
    try:
        return base64.urlsafe_b64decode(token).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError(token) from error
