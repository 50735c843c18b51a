"""Stytch's B2B API as a source of the sandbox."""

from dataclasses import replace

from cockpit.sandbox import standins
from cockpit.sandbox.standins import Service
from cockpit.sandbox.stytch.standin import STAND_IN as CONSUMER
from cockpit.sandbox.stytch_b2b.api import Api
from cockpit.sandbox.stytch_b2b.records import IDS, MEMBERSHIPS, ORGANIZATIONS, StytchB2bShape, second_factor

STAND_IN = replace(
    CONSUMER,
    shape=lambda seed, organizations: StytchB2bShape(),
    service=lambda world: Service(Api(world).routes()),
    provider="stytch",
    kinds=("", {}),
    companies=IDS,
    organizations=lambda users: max(ORGANIZATIONS, standins.one_for_a_hundred(users)),
    memberships=MEMBERSHIPS,
    second_factor=second_factor,
)
