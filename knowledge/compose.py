"""Turns what the knowledge base holds into a reply: extracts, sources, services, never a sentence of its own.

Every text comes from an article or from the catalogue; every phone, address and link from the directory or
from the article (DESIGN.md, section 8, rule 2).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from knowledge.article import Article, ArticleType
from knowledge.directory import Directory, Route, Service
from knowledge.hours import opening
from knowledge.library import Library
from knowledge.places import Place
from knowledge.reply import (
    Act,
    EmergencyBlock,
    EmergencyNumberCard,
    Kind,
    OpeningNote,
    Reply,
    Said,
    ServiceCard,
    SourceNote,
    Suggestion,
)
from knowledge.routing import RouteReason
from knowledge.search import Hit
from knowledge.sections import Section, SectionKey
from knowledge.texts import Texts

EXCERPT_CHARACTERS = 280
NEIGHBOURS = 2
PLACE_BUTTONS = 8
"""Places that one question may offer as buttons; above, their names are said and one is written."""
SHOWN_WITH_THE_SHORT_ANSWER = (SectionKey.STEPS,)
SECTION_SUGGESTIONS = (
    SectionKey.DOCUMENTS,
    SectionKey.CONDITIONS,
    SectionKey.AMOUNT,
    SectionKey.DELAYS,
    SectionKey.STEPS,
    SectionKey.APPEAL,
)


@dataclass(frozen=True)
class Circumstances:
    """What a reply depends on besides the question: the language, the moment (aware), the place if known."""

    language: str
    at: datetime
    place: Place | None = None


@dataclass(frozen=True)
class Composer:
    """Composes replies. Cheap to build; holds no state of a conversation."""

    library: Library
    directory: Directory
    texts: Texts

    def answer(
        self, article: Article, section: SectionKey | None, seen: Circumstances, confidence: float
    ) -> Reply:
        """The short answer and the section asked for, with their source, the service and what to ask next.

        A redirect article gives a reply of kind `redirect`: the département is not competent. The text of an
        emergency gives one of kind `emergency`.
        """
        if article.type is ArticleType.EMERGENCY:
            return self._danger(article, seen, confidence)
        shown = self._section(article, section)
        # After the answer as a whole; who asks for a section wants that.
        neighbours = self._neighbours(article, seen) if section is None else ()
        redirect = article.type is ArticleType.REDIRECT
        body = [article.short] if section is not SectionKey.EASY else []
        if shown and shown[1] == article.language:
            body.append(_titled(shown[0]))
        messages = [Said(markdown="\n\n".join(body), lang=article.language)] if body else []
        if article.language != seen.language:
            messages.insert(0, self._notice("answer.in_french", seen))
        if shown and shown[1] != article.language:
            messages.append(self._notice("answer.part_in_french", seen))
            messages.append(Said(markdown=_titled(shown[0]), lang=shown[1]))
        return Reply(
            kind=Kind.REDIRECT if redirect else Kind.ANSWER,
            topic=article.topic,
            confidence=confidence,
            messages=(*messages, *self._often_forgotten(neighbours, seen)),
            sources=(source_note(article, shown),),
            service=self.service_for(None if redirect else article.topic, seen),
            suggestions=self._after_answer(article, shown[0].key if shown else None, neighbours, seen),
        )

    def _danger(self, article: Article, seen: Circumstances, confidence: float) -> Reply:
        return Reply(
            kind=Kind.EMERGENCY,
            topic=article.topic,
            confidence=confidence,
            messages=(self._said("answer.contact_intro", seen),),
            service=self.service_for(article.topic, seen),
            emergency=self.emergency([article.id], seen),
            suggestions=(self.human_suggestion(seen),),
        )

    def clarify(self, hits: Sequence[Hit], seen: Circumstances, confidence: float) -> Reply:
        """One short question, with a button for each thing the resident may have meant."""
        choices = tuple(
            Suggestion(label=hit.article.title, text=hit.article.title, topic=hit.article.topic)
            for hit in hits[:3]
        )
        return Reply(
            kind=Kind.CLARIFY,
            topic="clarify",
            about=hits[0].article.topic if hits else None,
            confidence=confidence,
            messages=(self._said("clarify.intro", seen),),
            service=self.service_for(None, seen),
            suggestions=(*choices, self.human_suggestion(seen)),
        )

    def ask_what(self, key: str, seen: Circumstances) -> Reply:
        """One short question, with the buttons of the greeting, to somebody whose matter is not known."""
        starters = tuple(starter for starter in self.starters(seen) if starter.topic != Kind.HANDOFF)
        return Reply(
            kind=Kind.CLARIFY,
            topic="clarify",
            messages=(self._said(key, seen),),
            service=self.service_for(None, seen),
            suggestions=(*starters, self.human_suggestion(seen)),
        )

    def both(self, first: Reply, other: Reply, seen: Circumstances) -> Reply:
        """The answers to the two questions of a message, one after the other."""
        announced = (self._notice("answer.also", seen), *other.messages)
        return with_more(first, [other.model_copy(update={"messages": announced})])

    def with_a_person(self, reply: Reply, seen: Circumstances) -> Reply:
        """A reply that fails again, and the way to a person."""
        offered = (
            self._said("handoff.after_failures", seen),
            Said(type="form", markdown=self._text("handoff.callback_offer", seen), lang=seen.language),
        )
        return reply.model_copy(update={"messages": (*reply.messages, *offered)})

    def abstain(self, seen: Circumstances, *, about: str | None = None, confidence: float = 1.0) -> Reply:
        """An honest "I don't know", with the service that does; `about` is the topic when it is known."""
        key = "abstain.topic_known" if about else "abstain.text"
        return Reply(
            kind=Kind.ABSTAIN,
            topic="abstain",
            about=about,
            confidence=confidence,
            messages=(self._said(key, seen),),
            service=self.service_for(about, seen),
            suggestions=(self.human_suggestion(seen), self._suggestion("give_place", seen)),
        )

    def handoff(self, seen: Circumstances, *, about: str | None = None) -> Reply:
        """The right human service for a topic and a place, and how to give a place when none is known."""
        service = self.service_for(about, seen)
        said = [self._said("handoff.intro", seen)]
        if seen.place is None:
            said.append(self._said("handoff.no_place", seen))
        else:
            said.append(self._said("handoff.place", seen, place=seen.place.name))
        suggestions = () if seen.place else (self._suggestion("give_place", seen),)
        return Reply(
            kind=Kind.HANDOFF,
            topic="handoff",
            about=about,
            messages=(
                *said,
                Said(type="form", markdown=self._text("handoff.callback_offer", seen), lang=seen.language),
            ),
            service=service,
            suggestions=suggestions,
        )

    def smalltalk(self, key: str, seen: Circumstances, **values: object) -> Reply:
        """A sentence of the catalogue about the conversation itself."""
        return Reply(
            kind=Kind.SMALLTALK,
            topic="smalltalk",
            messages=(self._said(key, seen, **values),),
            service=self.service_for(None, seen),
            suggestions=(self.human_suggestion(seen),),
        )

    def out_of_order(self, key: str, seen: Circumstances, *, about: str | None = None) -> Reply:
        """The human contact, when a part of the assistant is down or it is paused (kind `handoff`)."""
        return Reply(
            kind=Kind.HANDOFF,
            topic="handoff",
            about=about,
            confidence=0.0,
            messages=(Said(type="notice", markdown=self._text(key, seen), lang=seen.language),),
            service=self.service_for(about, seen),
        )

    def emergency(self, ids: Sequence[str], seen: Circumstances) -> EmergencyBlock | None:
        """The fixed text of the most urgent of `ids`, with the numbers of them all; 114 is in each article.

        Returns None when no article exists for any of them: the knowledge check refuses such a base.
        """
        articles = [article for article in (self.library.best(id_, seen.language) for id_ in ids) if article]
        if not articles:
            return None
        numbers: dict[str, EmergencyNumberCard] = {}
        for article in articles:
            for n in article.numbers:
                numbers.setdefault(
                    n.uri, EmergencyNumberCard(number=n.number, uri=n.uri, label=n.label, hours=n.hours)
                )
        first = articles[0]
        ordered = sorted(numbers.values(), key=lambda n: n.uri.startswith("sms:"))
        return EmergencyBlock(id=first.id, numbers=tuple(ordered), text=first.short, lang=first.language)

    def ask_place(self, key: str, seen: Circumstances, **values: object) -> Reply:
        """A sentence of the catalogue that asks where the resident lives."""
        return self.smalltalk(key, seen, **values).model_copy(update={"asks_place": True})

    def which_place(self, places: Sequence[Place], seen: Circumstances) -> Reply:
        """One short question, with a button for each place that the resident may have meant."""
        names = ", ".join(each.name for each in places)
        reply = self.ask_place("utter.place_ambiguous", seen, places=names)
        if len(places) > PLACE_BUTTONS:
            return reply
        buttons = tuple(Suggestion(label=place.name, text=place.said) for place in places)
        return reply.model_copy(update={"suggestions": (*buttons, self.human_suggestion(seen))})

    def service_for(self, topic: str | None, seen: Circumstances) -> ServiceCard:
        """The service that a topic and a place lead to; the central desk when nothing else does."""
        route = self.directory.route(topic, seen.place, at=seen.at, language=seen.language)
        return self.card(route.service, seen, route.reason)

    def why(self, route: Route, language: str) -> str:
        """Why a service, said to the resident: the rule, then what the resident should know of it."""
        said = [self.texts.get(language, f"routing.reasons.{route.reason}")]
        if route.instead_of is not None:
            said.append(self.texts.get(language, "routing.reasons.closed"))
        if route.speaks is False:
            said.append(self.texts.get(language, "routing.not_spoken"))
        return " ".join(said)

    def card(self, service: Service, seen: Circumstances, reason: RouteReason | None = None) -> ServiceCard:
        """A service as it is shown: in the resident's language, open or not at this moment; why, by rule."""
        state = opening(service.hours, at=seen.at, language=seen.language, texts=self.texts)
        return ServiceCard(
            id=service.id,
            name=service.name_in(seen.language),
            phone=service.phone,
            email=service.email,
            address=service.address,
            url=service.url,
            opening=OpeningNote(open_now=state.open_now, text=state.text, next_opening=state.next_opening),
            reason=reason,
        )

    def human_suggestion(self, seen: Circumstances) -> Suggestion:
        """The button that brings to a person."""
        return self._suggestion("talk_to_human", seen)

    def starters(self, seen: Circumstances) -> tuple[Suggestion, ...]:
        """What a resident may ask first, shown under the greeting."""
        return tuple(
            Suggestion(
                label=self._text(f"starters.{name}.label", seen),
                text=self._text(f"starters.{name}.text", seen),
                topic=self._text(f"starters.{name}.topic", seen),
            )
            for name in self.texts.names("starters")
        )

    def _often_forgotten(self, neighbours: Sequence[Article], seen: Circumstances) -> tuple[Said, ...]:
        """The neighbouring rights that people miss."""
        if not neighbours:
            return ()
        lines = "\n".join(f"- {neighbour.title}" for neighbour in neighbours)
        return (Said(markdown=f"{self._text('answer.related', seen)}\n\n{lines}", lang=seen.language),)

    def _neighbours(self, article: Article, seen: Circumstances) -> tuple[Article, ...]:
        """The public neighbours of one of our articles.

        Only those in the resident's language, since their titles stand in a sentence of it.
        """
        if article.type is ArticleType.REDIRECT:
            return ()
        found = (self.library.best(id_, seen.language) for id_ in article.related)
        told = (each for each in found if each and each.type is not ArticleType.EMERGENCY)
        return tuple(each for each in told if each.language == seen.language)[:NEIGHBOURS]

    def _section(self, article: Article, asked: SectionKey | None) -> tuple[Section, str] | None:
        unasked = SHOWN_WITH_THE_SHORT_ANSWER if article.origin is None else ()  # the State's are pages long
        for key in (asked,) if asked is not None else unasked:
            if found := self.library.section(article, key):
                return found
        return None

    def _after_answer(
        self, article: Article, shown: SectionKey | None, neighbours: Sequence[Article], seen: Circumstances
    ) -> tuple[Suggestion, ...]:
        present = self.library.section_keys(article)
        offered = [key for key in SECTION_SUGGESTIONS if key in present and key is not shown]
        sections = [
            self._suggestion(key.value, seen, title=article.title, topic=article.topic) for key in offered[:2]
        ]
        if SectionKey.EASY in present and shown is not SectionKey.EASY:
            sections.append(self._suggestion("simplify", seen, topic=article.topic))
        others = [Suggestion(label=each.title, text=each.title, topic=each.topic) for each in neighbours]
        return (*sections, *others, self.human_suggestion(seen))

    def _suggestion(
        self, name: str, seen: Circumstances, *, topic: str | None = None, **values: object
    ) -> Suggestion:
        label, text = self.texts.suggestion(seen.language, name, **values)
        return Suggestion(label=label, text=text, topic=topic)

    def _said(self, key: str, seen: Circumstances, **values: object) -> Said:
        return Said(markdown=self._text(key, seen, **values), lang=seen.language)

    def _notice(self, key: str, seen: Circumstances) -> Said:
        return Said(type="notice", markdown=self._text(key, seen), lang=seen.language)

    def _text(self, key: str, seen: Circumstances, **values: object) -> str:
        return self.texts.get(seen.language, key, **values)


def source_note(article: Article, shown: tuple[Section, str] | None) -> SourceNote:
    """The source line of an answer, which shows a section and its language (`Library.section`) or none.

    Its link is the first page the article was written from; for another owner's matter, that owner's site.
    A sheet of the State is named as its licence asks: with its author and the licence.
    """
    ours = article.origin is None
    redirect = ours and article.type is ArticleType.REDIRECT
    own_site = article.links[0].url if redirect and article.links else None
    section, lang = shown or (None, article.language)
    extract = section.markdown if section else article.short
    return SourceNote(
        article_id=article.id,
        title=article.title if ours else article.sources[0].title,
        section=section.key.value if section else None,
        excerpt=_shortened(extract),
        lang=lang,
        url=own_site or (article.sources[0].url if article.sources else None),
        written=article.written,
        reviewed=article.reviewed,
    )


def with_more(first: Reply, others: Iterable[Reply]) -> Reply:
    """`first`, then what the other replies say, each listed in `also`."""
    merged = first
    for other in others:
        merged = merged.model_copy(
            update={
                "messages": (*merged.messages, *other.messages),
                "sources": (*merged.sources, *other.sources),
                "also": (*merged.also, Act(kind=other.kind, topic=other.topic)),
                "suggestions": merged.suggestions or other.suggestions,
            }
        )
    return merged


def _titled(section: Section) -> str:
    return f"### {section.title}\n\n{section.markdown}"


def _shortened(markdown: str) -> str:
    flat = " ".join(markdown.replace("*", "").replace("#", "").split())
    if len(flat) <= EXCERPT_CHARACTERS:
        return flat
    return flat[:EXCERPT_CHARACTERS].rsplit(" ", 1)[0] + " …"
