"""The drain: held events to a consumer, at a pace that it bears, in the order that matters."""
