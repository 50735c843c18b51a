"""The rollout on the screen: its board, its summary, one connection's evidence, what people do to it."""
