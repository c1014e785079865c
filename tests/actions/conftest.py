"""The actions' kit on a small knowledge base made for the tests, with the real search and directory."""

import shutil
from pathlib import Path

import pytest

from actions.kit import Kit, kit_of
from knowledge.embedding import CachedEmbedder, load_question_encoder
from knowledge.live import LiveKnowledge
from knowledge.publish import Publisher
from knowledge.settings import KnowledgeSettings
from tests.knowledge.articles import write_article, write_translation

REAL = KnowledgeSettings().content_dir


def _sections(subject: str) -> dict[str, str]:
    return {
        "easy": f"C'est simple : {subject}.",
        "steps": f"Pour faire la demande ({subject}), remplissez le formulaire.",
        "documents": f"Les papiers à joindre ({subject}) : une pièce d'identité et un avis d'impôt.",
    }


@pytest.fixture(scope="session")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Kit:
    folder: Path = tmp_path_factory.mktemp("kit")
    content = folder / "content"
    for room in ("directory", "texts"):
        shutil.copytree(REAL / room, content / room)
    apa = write_article(
        content,
        "apa",
        title="Allocation personnalisée d'autonomie (APA)",
        short="Cette allocation aide les personnes âgées à payer une aide à la maison.",
        questions=["Ma mère ne peut plus se laver seule"],
        sections=_sections("l'APA, aide à domicile des personnes âgées"),
    )
    write_translation(
        content,
        apa,
        title="Help at home for older people (APA)",
        short="This allowance helps older people to pay for help at home.",
        questions=["My mother cannot wash alone any more"],
        sections={
            "easy": "It is simple: help at home.",
            "steps": "To apply for the APA, fill in the form.",
            "documents": "The papers to send for the APA: an identity document and a tax notice.",
        },
    )
    write_article(
        content,
        "college-restauration",
        topic="college-restauration",
        title="La cantine du collège",
        short="Le collège sert un repas le midi.",
        questions=["Combien coûte la cantine ?"],
        sections=_sections("la cantine, la demi-pension au collège"),
    )
    write_article(
        content,
        "mairie",
        type="redirect",
        topic="redirect-mairie",
        title="La mairie : état civil et carte d'identité",
        short="La carte d'identité se demande en mairie.",
        questions=["Je veux refaire ma carte d'identité"],
        sections={"easy": "Allez à la mairie.", "steps": "Prenez rendez-vous à la mairie pour le passeport."},
    )
    settings = KnowledgeSettings(content_dir=content, data_dir=folder / "var")
    embedder = CachedEmbedder(load_question_encoder("bundled"), settings.cache_dir, model="bundled")
    published = Publisher(settings, embedder).publish()
    assert not published.problems, published.problems
    return kit_of(LiveKnowledge(settings).current())
