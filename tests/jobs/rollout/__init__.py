"""The rollout at work."""
