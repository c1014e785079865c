"""What this Rasa project adds to Rasa: NLU components, channel, texts, tracker store, and a leaner turn."""
