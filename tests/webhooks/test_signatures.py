"""Signatures, judged by the libraries of those who invented them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook
from workos import WorkOSClient

from cockpit.webhooks.signatures import BadSecret, Scheme, Verifier

OLD, NEW = "whsec_b2xkLXNlY3JldA==", "whsec_bmV3LXNlY3JldA=="
BODY = '{"id":"event_1","event":"user.created","data":{"note":"ünï"},"created_at":"x"}'.encode()
SECRETS: dict[Scheme, str] = {"standard": OLD, "workos": "wh_secret", "token": "Bearer abc"}


def signed(scheme: Scheme, now: float, secret: str | None = None) -> dict[str, str]:
    return Verifier.of(scheme, [secret or SECRETS[scheme]]).sign("msg_1", BODY, now)


def test_the_standards_own_library_takes_what_we_sign() -> None:
    import time

    headers = signed("standard", time.time())
    assert Webhook(OLD).verify(BODY.decode(), headers)["id"] == "event_1"


def test_workos_own_sdk_takes_what_we_sign() -> None:
    import time

    client = WorkOSClient(api_key="sk_x", client_id="client_x")
    header = signed("workos", time.time())["workos-signature"]
    client.webhooks.verify_header(event_body=BODY, event_signature=header, secret="wh_secret")


def test_we_take_what_the_standards_own_library_signs() -> None:
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    signature = Webhook(OLD).sign("msg_9", now, BODY.decode())
    stamp = str(int(now.timestamp()))
    for names in ("webhook", "svix"):
        headers = {f"{names}-id": "msg_9", f"{names}-timestamp": stamp, f"{names}-signature": signature}
        assert Verifier.of("standard", [OLD]).refusal(headers, BODY, now.timestamp()) is None


@pytest.mark.parametrize("scheme", SECRETS)
def test_what_we_sign_we_take_and_not_with_another_secret_or_body(scheme: Scheme) -> None:
    other = {"standard": NEW}.get(scheme, "another")
    headers = signed(scheme, 1000.0)
    assert Verifier.of(scheme, [SECRETS[scheme]]).refusal(headers, BODY, 1000.0) is None
    assert Verifier.of(scheme, [other]).refusal(headers, BODY, 1000.0) is not None
    if scheme != "token":
        assert Verifier.of(scheme, [SECRETS[scheme]]).refusal(headers, BODY + b" ", 1000.0) is not None


@pytest.mark.parametrize(("scheme", "tolerance"), [("standard", 300), ("workos", 180)])
def test_an_old_signature_is_no_signature(scheme: Scheme, tolerance: int) -> None:
    headers, verifier = signed(scheme, 10_000.0), Verifier.of(scheme, [SECRETS[scheme]])
    for off in (tolerance, -tolerance):
        assert verifier.refusal(headers, BODY, 10_000.0 + off) is None
    for off in (tolerance + 1, -tolerance - 1):
        assert "timestamp" in str(verifier.refusal(headers, BODY, 10_000.0 + off))


def test_while_a_secret_is_rotated_both_are_good() -> None:
    verifier = Verifier.of("standard", [NEW, OLD])
    for secret in (OLD, NEW):
        assert verifier.refusal(signed("standard", 5.0, secret), BODY, 5.0) is None
    several = signed("standard", 5.0, OLD)
    several["webhook-signature"] = f"v1a,xxxx v1,bm9uZQ== {several['webhook-signature']}"
    assert Verifier.of("standard", [OLD]).refusal(several, BODY, 5.0) is None
    both = signed("workos", 5.0)["workos-signature"].replace("v1=", "v1=00ff, v1=")
    assert Verifier.of("workos", ["wh_secret"]).refusal({"workos-signature": both}, BODY, 5.0) is None


@given(st.sampled_from([*SECRETS]), st.dictionaries(st.sampled_from(
    ["svix-id", "svix-timestamp", "svix-signature", "webhook-id", "webhook-timestamp", "webhook-signature",
     "workos-signature", "authorization"]), st.text()), st.binary())  # fmt: skip
def test_no_noise_is_taken_and_none_breaks_us(scheme: Scheme, headers: dict[str, str], body: bytes) -> None:
    assert Verifier.of(scheme, [SECRETS[scheme]]).refusal(headers, body, 1000.0) is not None


def test_secrets_that_can_be_none_are_refused_without_showing_them() -> None:
    for secrets in ([], ["whsec_äöü"], ["not base64!"]):
        with pytest.raises(BadSecret) as refused:
            Verifier.of("standard", secrets)
        assert all(secret not in str(refused.value) for secret in secrets)
    assert Verifier.of("none", []).refusal({}, BODY, 0.0) is None
