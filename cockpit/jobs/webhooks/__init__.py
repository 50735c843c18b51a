"""The sequence of webhooks at work: each step acts where that is safe, then observes."""
