"""The FastAPI gateway: the public contract, the pages, and the order of a turn."""
