"""Writes the embeddings that come with the examples: `.venv/bin/python seed.py`, after a change."""

import sys
from pathlib import Path

BOT_DIR = Path(__file__).resolve().parent
sys.path.insert(0, str(BOT_DIR))

from components.embedding import SHIPPED, EmbeddingCache, data_dir, write_shipped  # noqa: E402 - after the path
from components.examples import read_examples  # noqa: E402


def main() -> int:
    """Embed what is new and write all."""
    texts = [example.text for example in read_examples(BOT_DIR / "data" / "nlu")]
    write_shipped(texts, EmbeddingCache(data_dir() / "cache", shipped=None).embed_all(texts))
    print(f"{SHIPPED.name}: {len(texts)} examples, {SHIPPED.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
