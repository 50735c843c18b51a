"""The rollout at work: the board kept level, flips, waves, the kill switch, the watch over them."""
