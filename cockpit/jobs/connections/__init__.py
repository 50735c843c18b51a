"""Work on SSO connections: checked, created at WorkOS, paired with what is there, IT contacts invited."""
