"""The people of a source: many, the same every time, and each bad record cured as it says."""

import re
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

from cockpit.sandbox.auth0.records import Auth0Shape
from cockpit.sandbox.bad import CURES, Reason, choose
from cockpit.sandbox.firebase.records import FirebaseShape
from cockpit.sandbox.people import People
from cockpit.sandbox.population import Population, Shape

SHAPES: list[Shape] = [Auth0Shape(), FirebaseShape(1)]


def make(shape: Shape, users: int = 2000, seed: int = 1, share: float = 0.025) -> Population:
    return Population.make(shape, users, seed, share)


def test_a_seed_decides_everything() -> None:
    def records(seed: int) -> list[Any]:
        population = make(Auth0Shape(), seed=seed)
        return [population.record(index) for index in population.indices()]

    assert records(3) == records(3)
    assert records(3) != records(4)


def test_people_sign_up_one_after_the_other_and_share_no_email() -> None:
    people = People(1, 5000)
    everyone = [people.person(number) for number in range(5000)]
    assert all(a.created_at < b.created_at for a, b in pairwise(everyone))
    assert all(person.created_at == people.created_at(person.number) for person in everyone)
    assert len({person.email for person in everyone}) == 5000
    assert all(person.email.isascii() for person in everyone)
    assert any(not person.full_name.isascii() for person in everyone)


@pytest.mark.parametrize("shape", SHAPES, ids=["auth0", "firebase"])
def test_an_id_is_unique_and_leads_back_to_its_record(shape: Shape) -> None:
    population = make(shape)
    ids = [shape.id_of(population.record(index)) for index in population.indices()]
    assert len(set(ids)) == 2000
    assert [population.find(ident) for ident in ids] == list(range(2000))
    for ident in ("", "auth0|", "auth0|zz", ids[0] + "0", "ü" * 28, "A" * 28):
        assert population.find(ident) is None


@pytest.mark.parametrize("shape", SHAPES, ids=["auth0", "firebase"])
def test_every_reason_occurs_and_every_correction_makes_the_record_good(shape: Shape) -> None:
    population = make(shape)
    bad = population.bad()
    assert len(bad) == 50
    assert {item.reason for item in bad} == set(Reason)
    for item in bad:
        index = population.find(item.id)
        assert index is not None
        assert bool(item.patch) == (CURES[item.reason] == "correct")
        if item.patch:
            good = population.correct(index, item.patch)
            assert good | item.patch == good
    emails = Counter(
        str(population.record(index).get("email", "")).lower()
        for index in population.indices()
        if population.reasons.get(index) is not Reason.NO_EMAIL_ACCOUNT
    )
    assert max(emails.values()) == 1
    assert "" not in emails


@pytest.mark.parametrize("shape", SHAPES, ids=["auth0", "firebase"])
def test_a_duplicate_differs_in_case_only(shape: Shape) -> None:
    population = make(shape)
    emails = {population.record(index).get("email") for index in population.indices()}
    for item in population.bad():
        if item.reason is Reason.EMAIL_DUPLICATE:
            index = population.find(item.id)
            assert index is not None
            email = population.record(index)["email"]
            assert email != email.lower()
            assert email.lower() in emails


def test_without_a_share_nobody_is_bad() -> None:
    assert choose(1, 1000, 0) == {}
    assert all("email" in make(shape, share=0).record(n) for shape in SHAPES for n in range(2000))


def test_changes_are_kept_beside_the_generated_records() -> None:
    population = make(Auth0Shape(), users=10, share=0)
    before = population.frozen()
    first = Auth0Shape().id_of(population.record(0))
    assert population.add({"user_id": "auth0|new", "email": "new@example.com"}) == "auth0|new"
    with pytest.raises(ValueError, match="new"):
        population.add({"user_id": "auth0|new"})
    with pytest.raises(ValueError, match=re.escape(first)):
        population.add({"user_id": first})
    population.delete(0)
    corrected = population.correct(1, {"email": "fixed@example.com", "nickname": None})
    assert corrected["email"] == "fixed@example.com"
    assert "nickname" not in corrected
    assert len(population) == 10
    assert list(population.indices()) == [*range(1, 11)]
    assert population.find(first) is None
    assert population.password(10) is None
    population.delete(10)
    assert population.find("auth0|new") is None
    assert len(before) == 10
    assert before.find(first) == 0
    assert "nickname" in before.record(1)
