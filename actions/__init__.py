"""Rasa custom actions: answer, route, disclose, hand off. Thin: they call the knowledge room."""
