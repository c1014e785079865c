"""The whole assistant: real Rasa, action server, Redis-protocol server, records, gateway, browser."""
