"""A resident and an agent in two real browsers at once, on a gateway with an engine double."""
