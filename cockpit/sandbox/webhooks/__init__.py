"""Both ends of webhooks: a sender that queues while it is paused, and a consumer that falls over."""
