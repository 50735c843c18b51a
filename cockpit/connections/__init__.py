"""SSO connections: read, checked, sorted by how they can move, planned and handed over."""
