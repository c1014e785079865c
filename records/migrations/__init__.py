"""Alembic's scripts; records.schema runs them."""
