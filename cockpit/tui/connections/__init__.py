"""SSO connections on the screen: how they stand, their rows and records, what is decided about them."""
