"""Signature Version 4 by botocore, for the few operations that read."""

import json
from typing import Any

from cockpit.settings import SettingsError

OPERATIONS = frozenset(
    {
        "ListUsers",
        "DescribeUserPool",
        "ListGroups",
        "ListUsersInGroup",
        "ListIdentityProviders",
        "DescribeIdentityProvider",
    }
)
"""Nothing else is ever signed, so nothing else can be sent."""

SERVICE = "AWSCognitoIdentityProviderService"


class Signer:
    """Signs requests with credentials that may change: a session's are fetched anew when they end."""

    def __init__(self, credentials: Any, region: str, url: str) -> None:
        self._credentials, self._region, self._url = credentials, region, url.rstrip("/") + "/"

    @classmethod
    def of_environment(cls, profile: str | None, region: str, url: str) -> "Signer":
        """With the credentials that the AWS SDKs would find. Raises SettingsError when there are none."""
        try:
            from botocore.exceptions import BotoCoreError
            from botocore.session import Session
        except ImportError:
            raise SettingsError("cognito: needs the extra, pip install 'cockpit[cognito]'") from None
        try:
            credentials = Session(profile=profile or None).get_credentials()
        except BotoCoreError as error:
            raise SettingsError(f"cognito: {error}") from None
        if credentials is None:
            raise SettingsError(
                "cognito: no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
            )
        return cls(credentials, region, url)

    def sign(self, operation: str, body: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
        """The content and headers of one try: a signature is good for five minutes.

        Raises ValueError for an operation that is not read-only.
        """
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        if operation not in OPERATIONS:
            raise ValueError(f"not a reading operation, nothing was sent: {operation}")
        content = json.dumps(body).encode()
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"{SERVICE}.{operation}"}
        request = AWSRequest(method="POST", url=self._url, data=content, headers=headers)
        frozen = self._credentials.get_frozen_credentials()
        SigV4Auth(frozen, "cognito-idp", self._region).add_auth(request)
        return content, dict(request.headers.items())
