"""Everything of the taxonomy has its public French article: topics, owners, emergencies."""

from collections.abc import Iterator

from knowledge.article import SOURCE_LANGUAGE, Article, Audience
from knowledge.checks.base import KnowledgeBase
from knowledge.problems import Problem, Severity
from knowledge.taxonomy import REDIRECT_PREFIX, TAXONOMY_FILE, load_taxonomy
from knowledge.yaml_files import YamlFile, read_yaml


def check_coverage(base: KnowledgeBase) -> Iterator[Problem]:
    """Report what nobody would be answered about, and the emergencies that a language has no text for."""
    taxonomy, file = load_taxonomy(), read_yaml(TAXONOMY_FILE)
    french = {article.topic for article in _public(base, SOURCE_LANGUAGE)}
    for family, topics in taxonomy.domains.items():
        for topic in topics:
            if topic not in french:
                yield file.problem(("domains", family, topic), f"no public French article covers {topic!r}")
    for owner in taxonomy.owners:
        topic = REDIRECT_PREFIX + owner
        if topic not in french:
            yield file.problem(("owners", owner), f"no public French article says who it is ({topic!r})")
    yield from _emergencies(base, file)


def _emergencies(base: KnowledgeBase, file: YamlFile) -> Iterator[Problem]:
    for language in base.languages:
        # Shown by id: an article of the topic under another id would never be found in danger.
        texts = {article.id for article in _public(base, language)}
        for id_ in load_taxonomy().emergencies:
            if id_ in texts:
                continue
            if language == SOURCE_LANGUAGE:
                reason, severity = f"no public French article has the id {id_!r}", Severity.ERROR
            else:
                reason = f"no text in {language!r}: in danger, its residents read {id_!r} in French"
                severity = Severity.WARNING
            yield file.problem(("emergencies", id_), reason, severity)


def _public(base: KnowledgeBase, language: str) -> Iterator[Article]:
    for article in base.library.winning():
        if article.language == language and article.audience is Audience.PUBLIC:
            yield article
