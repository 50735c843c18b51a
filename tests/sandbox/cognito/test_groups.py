"""Cognito's groups: short pages, tokens bound to a group, a company as an attribute of users."""

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from cockpit.sandbox.cognito.api import ACCESS_KEY, POOL, REGION, SECRET_KEY
from tests.sandbox.running import Running

USERS = 400


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    options = ("--source", "cognito", "--users", str(USERS), "--organizations", "7", "--limits", "off")
    with Running(*options) as sandbox:
        yield sandbox


@pytest.fixture
def cognito(running: Running) -> Any:
    control(running, "POST", "reset")
    return boto3.client(
        "cognito-idp",
        region_name=REGION,
        endpoint_url=f"{running.base_url}/cognito",
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
    )


def control(running: Running, method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(f"{running.base_url}/_sandbox/{path}", data, method=method)
    with urllib.request.urlopen(asked) as answer:
        return json.loads(answer.read() or "null")


def members(cognito: Any, group: str) -> list[Any]:
    pages = cognito.get_paginator("list_users_in_group").paginate(UserPoolId=POOL, GroupName=group)
    return [user for page in pages for user in page["Users"]]


def attributes(user: Any) -> dict[str, str]:
    return {one["Name"]: one["Value"] for one in user["Attributes"]}


def test_pages_are_short_though_more_is_to_come(cognito: Any, running: Running) -> None:
    pages = list(cognito.get_paginator("list_users_in_group").paginate(UserPoolId=POOL, GroupName="member"))
    assert any(len(page["Users"]) < 60 for page in pages[:-1])
    subs = [attributes(user)["sub"] for page in pages for user in page["Users"]]
    truth = control(running, "GET", "source/memberships")["memberships"]
    assert sorted(subs) == sorted(one["user"] for one in truth if "member" in one["roles"])


def test_a_token_is_bound_to_its_group(cognito: Any) -> None:
    first = cognito.list_users_in_group(UserPoolId=POOL, GroupName="member", Limit=20)
    for group, token in (("admin", first["NextToken"]), ("member", "bm8=")):
        with pytest.raises(ClientError, match="InvalidParameterException"):
            cognito.list_users_in_group(UserPoolId=POOL, GroupName=group, NextToken=token)
    with pytest.raises(ClientError, match="InvalidParameterException"):
        cognito.list_groups(UserPoolId=POOL, NextToken=first["NextToken"])
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        cognito.list_users_in_group(UserPoolId=POOL, GroupName="kings")


def test_groups_are_listed_by_pages_too(cognito: Any) -> None:
    pages = list(
        cognito.get_paginator("list_groups").paginate(UserPoolId=POOL, PaginationConfig={"PageSize": 2})
    )
    assert len(pages) > 1
    assert len({group["GroupName"] for page in pages for group in page["Groups"]}) == 4


def test_a_role_that_is_given_is_a_group_more(cognito: Any, running: Running) -> None:
    seat = control(running, "GET", "source/memberships")["memberships"][0]
    path = f"source/organizations/{seat['organization']}/members/{seat['user']}"
    assert seat["user"] not in {attributes(user)["sub"] for user in members(cognito, "support")}
    control(running, "PUT", path, {"roles": ["support"]})
    assert seat["user"] in {attributes(user)["sub"] for user in members(cognito, "support")}
    control(running, "DELETE", path)
    assert seat["user"] not in {attributes(user)["sub"] for user in members(cognito, "support")}


def test_where_the_pool_has_the_attribute_it_names_the_company(cognito: Any, running: Running) -> None:
    users = cognito.list_users(UserPoolId=POOL)["Users"]
    assert not any("custom:tenant" in attributes(user) for user in users)
    control(running, "POST", "config", {"tenant_attribute": True})
    truth = {one["user"]: one for one in control(running, "GET", "source/memberships")["memberships"]}
    users = cognito.list_users(UserPoolId=POOL)["Users"]
    told = {attributes(user)["sub"]: attributes(user).get("custom:tenant") for user in users}
    assert told == {sub: truth[sub]["organization"] if sub in truth else None for sub in told}
    assert None in told.values()


def test_an_app_is_told_of_by_admin_get_user_alone(cognito: Any, running: Running) -> None:
    user = cognito.list_users(UserPoolId=POOL)["Users"][0]
    sub = attributes(user)["sub"]
    control(running, "PUT", f"source/users/{sub}/totp", {"secret": "JBSWY3DPEHPK3PXP"})
    told = cognito.admin_get_user(UserPoolId=POOL, Username=user["Username"])
    assert told["UserMFASettingList"] == ["SOFTWARE_TOKEN_MFA"] and "JBSWY" not in str(told)
    assert cognito.list_users(UserPoolId=POOL)["Users"][0] == user
    control(running, "DELETE", f"source/users/{sub}/totp")
    assert "UserMFASettingList" not in cognito.admin_get_user(UserPoolId=POOL, Username=user["Username"])
