"""What this Rasa project adds to Rasa: NLU components, channel, texts, tracker store, and a leaner turn."""

import sys
from pathlib import Path

# Two modules that both environments run are in another room: understanding.adapted_weights and .joins.
sys.path.append(str(Path(__file__).resolve().parents[2]))
