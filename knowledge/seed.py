"""Writes the vectors that come with the articles: `python -m knowledge.seed`, after articles have changed.

Only the bundled model's: whoever sets another one embeds with it anyway. Vectors that are there are kept
(read and written again, eight bits stay the same eight bits); `--all` embeds everything, half an hour.
"""

import argparse
import sys

from knowledge.embedding import CachedEmbedder, IndexingEncoder
from knowledge.index import passages_in
from knowledge.library import load_library
from knowledge.section_phrases import load_phrases
from knowledge.settings import KnowledgeSettings
from knowledge.vector_seed import SEED_FILE, write_seed


def main() -> int:
    """Embed what is new and write all vectors of the present articles, in the languages of the settings."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true", help="embed every passage, not only the new ones")
    seed = None if parser.parse_args().all else SEED_FILE
    settings = KnowledgeSettings()
    library, _ = load_library(settings.content_dir, settings.languages)
    embedder = CachedEmbedder(IndexingEncoder(), settings.cache_dir, seed=seed)
    texts = [passage.text for passage in passages_in(library)]
    embedder.passages(texts, on_progress=lambda done, count: print(f"{done} of {count}", file=sys.stderr))
    vectors = embedder.by_key(texts, [phrase.text for phrase in load_phrases()])
    write_seed(vectors)
    sys.stdout.write(f"{SEED_FILE}: {len(vectors)} vectors, {SEED_FILE.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
