"""The knowledge base: its articles, and the library that reads, checks, indexes and searches them.

Knows nothing of the web or of Rasa; README.md says which module does what.
"""
