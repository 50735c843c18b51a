"""A whole migration against the sandbox, in a folder of its own."""
