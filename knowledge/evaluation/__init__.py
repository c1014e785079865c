"""Measures the search on documents and questions that anybody may bring: `guichet kb eval`."""
