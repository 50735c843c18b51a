"""Firebase Authentication: the Identity Toolkit API and the token endpoint of service accounts."""
