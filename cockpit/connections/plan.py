"""The plan: Admin Portal per customer, or a transparent proxy; by how many connections can move so. Pure.

Facts: WorkOS's migration guide: fewer than 15 connections are set up anew in the Admin Portal, 15 or more
move behind a proxy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from cockpit.connections.rules import Verdict

PROXY_FROM = 15
Strategy = Literal["portal", "transparent"]
"""portal: every customer sets the connection up anew. transparent: those that can move so do, behind a proxy;
the rest goes by the portal: a mix."""
STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)


@dataclass(frozen=True)
class Cost:
    """What a strategy asks for.

    `customers`: connections whose customer must act. `moved`: those that move without the customer.
    `decisions`: those that a person decides about first. `blocked`: those where something must be corrected
    before anything. `tasks`: what is to be built or run besides.
    """

    strategy: Strategy
    customers: int
    moved: int
    decisions: int
    blocked: int
    tasks: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Both counts and what they say. `by_count` is the rule applied to all, `decided` to the capable.

    `strategy` is in force: the lead's choice, else what both counts agree on; None until the lead chose.
    """

    total: int
    capable: int
    proxy_from: int
    by_count: Strategy
    decided: Strategy
    chosen: Strategy | None
    costs: tuple[Cost, Cost]

    @property
    def agree(self) -> bool:
        """Whether all and capable lead to the same."""
        return self.by_count == self.decided

    @property
    def strategy(self) -> Strategy | None:
        """What is in force."""
        return self.chosen or (self.decided if self.agree else None)


def plan(
    verdicts: Mapping[Verdict, int], proxy_from: int = PROXY_FROM, chosen: Strategy | None = None
) -> Plan:
    """The plan for so many connections of each verdict, overrides counted in."""
    total, capable = sum(verdicts.values()), verdicts.get("transparent", 0)
    return Plan(
        total=total,
        capable=capable,
        proxy_from=proxy_from,
        by_count=_by(total, proxy_from),
        decided=_by(capable, proxy_from),
        chosen=chosen,
        costs=(_portal(verdicts), _transparent(verdicts)),
    )


Obstacle = Literal["unchecked", "undecided", "portal"]


def obstacle(made: Plan, unchecked: int) -> tuple[Obstacle, str] | None:
    """What stands in the way of creating connections for a transparent move, and in words; None: nothing."""
    if unchecked:
        return "unchecked", f"{unchecked} connections are not checked"
    if made.strategy is None:
        return "undecided", (
            f"{made.total} connections say {made.by_count}, the {made.capable} that can move so say "
            f"{made.decided}"
        )
    if made.strategy == "portal":
        return "portal", (
            f"by the plan customers set up their connections in the Admin Portal ({made.capable} can move "
            f"transparently, a proxy is worth it from {made.proxy_from})"
        )
    return None


def _by(count: int, proxy_from: int) -> Strategy:
    return "transparent" if count >= proxy_from else "portal"


def _portal(verdicts: Mapping[Verdict, int]) -> Cost:
    blocked = verdicts.get("stop", 0)
    customers = sum(verdicts.values()) - blocked
    tasks = (
        "one IT contact per customer",
        "a date with each: the old connection ends when the new one begins",
    )
    return Cost("portal", customers, 0, 0, blocked, tasks)


def _transparent(verdicts: Mapping[Verdict, int]) -> Cost:
    tasks = (
        "the callback addresses on hosts of yours, with a proxy behind them until the last one is over",
        "the connections imported at WorkOS (API or CSV), then waves with a way back",
    )
    return Cost(
        "transparent",
        customers=verdicts.get("portal", 0),
        moved=verdicts.get("transparent", 0),
        decisions=verdicts.get("review", 0),
        blocked=verdicts.get("stop", 0),
        tasks=tasks,
    )
