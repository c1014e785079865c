"""What is found in a message before any dialogue: its language, danger, personal data.

Imports no other room.
"""
