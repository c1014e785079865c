"""The tests, one folder for each room; shared fixtures are in conftest.py."""
