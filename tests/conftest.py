"""Fixtures that several rooms share."""

import os

# Embeddings must not spin on the cores of whoever runs the tests, nor look for a hub.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
