"""What the scripted gateway answers: one fixed reply of each sort, chosen by the text of the message."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

TEXTS = Path(__file__).resolve().parents[2] / "knowledge/content/texts"

SERVICE = {
    "id": "maison-solidarite-aubagne",
    "name": "Maison de la solidarité d'Aubagne",
    "phone": "04 65 71 12 00",
    "email": "solidarite.aubagne@garlaban.example",
    "address": "8 allée des Platanes\n13400 Aubagne",
    "url": "https://www.garlaban.example/aubagne",
    "opening": {"open_now": True, "text": "Ouvert jusqu'à 17 h.", "next_opening": None},
}
SOURCE = {
    "article_id": "apa",
    "title": "Allocation personnalisée d'autonomie (APA)",
    "section": "steps",
    "excerpt": "Remplissez le formulaire, puis envoyez-le au département avec les pièces demandées.",
    "lang": "fr",
    "url": "https://www.garlaban.example/apa",
    "written": "2026-11-22",
    "reviewed": None,
    "machine_translated": False,
}
APA_HTML = (
    "<p>L'<strong>APA</strong> aide une personne de 60 ans ou plus à vivre chez elle.</p>"
    "<h3>Comment faire</h3><ol><li>Remplissez le formulaire de demande.</li>"
    "<li>Envoyez-le avec les pièces demandées.</li>"
    "<li>Une équipe vient chez vous évaluer vos besoins.</li></ol>"
    '<p>Voir <a href="https://www.service-public.fr/particuliers/vosdroits/F10009">la fiche officielle</a> '
    'ou <a href="tel:+33465711200">appelez-nous</a>.</p>'
)


def say(text: str, *, html: str | None = None, lang: str = "fr", kind: str = "text") -> dict[str, Any]:
    """One message of a reply."""
    direction = "rtl" if lang == "ar" else "ltr"
    return {"type": kind, "text": text, "html": html or f"<p>{text}</p>", "lang": lang, "dir": direction}


def turn(kind: str, topic: str, *messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A turn as POST …/messages answers it."""
    return {
        "turn_id": "t",
        "status": "answered",
        "language": "fr",
        "direction": "ltr",
        "messages": list(messages),
        "understanding": {
            "kind": kind,
            "topic": topic,
            "about": None,
            "also": [],
            "intent": "",
            "confidence": 0.9,
        },
        "sources": [],
        "service": None,
        "emergency": None,
        "suggestions": [],
        "disclosure": disclosure("fr") | {"is_new": False},
        **more,
    }


@cache
def texts(language: str) -> dict[str, Any]:
    """The catalogue of the real assistant: languages that have no scripted words of their own speak by it."""
    catalogue: dict[str, Any] = yaml.safe_load((TEXTS / f"{language}.yml").read_text(encoding="utf-8"))
    return catalogue


def in_language(reply: dict[str, Any], language: str) -> dict[str, Any]:
    """The reply as that conversation gets it: a French one speaks its language, others stay."""
    if language == "fr" or reply["language"] != "fr":
        return reply
    said = texts(language)["utter"]["what_can_you_do"].replace("{departement}", "Garlaban")
    messages = [
        message
        | say(said, lang=language, kind=message["type"], html=f"<p>{said}</p><ul><li>{said}</li></ul>")
        for message in reply["messages"]
    ]
    direction = "rtl" if language == "ar" else "ltr"
    notice = disclosure(language) | {"is_new": False}
    return reply | {"language": language, "direction": direction, "messages": messages, "disclosure": notice}


def disclosure(language: str) -> dict[str, Any]:
    """The notice."""
    notices = {
        "fr": "Vous écrivez à une intelligence artificielle, pas à une personne. C'est l'assistant du "
        "Département de Garlaban. Il répond à partir de pages publiées. Il peut se tromper. Vous pouvez "
        "demander une personne à tout moment. N'écrivez ni votre nom, ni votre numéro de sécurité sociale, "
        "ni d'informations sur votre santé. Cette conversation est gardée 30 jours.",
        "en": "You are writing to an artificial intelligence, not to a person. It is the assistant of the "
        "Département de Garlaban. It answers from published pages. It can be wrong.",
    }
    text = notices.get(language) or texts(language)["disclosure"]["text"].format(
        departement="Garlaban", days=30
    )
    return {"id": f"notice-{language}", "version": "1", "language": language, "text": text}


EMERGENCY = {
    "id": "suicide",
    "lang": "fr",
    "dir": "ltr",
    "html": "<p>Vous n'êtes pas seul. Appelez maintenant : <strong>quelqu'un vous écoute</strong>.</p>",
    "text": "Vous n'êtes pas seul. Appelez maintenant : quelqu'un vous écoute.",
    "numbers": [
        {
            "number": "3114",
            "uri": "tel:3114",
            "label": "Prévention du suicide",
            "hours": "Jour et nuit, gratuit",
        },
        {"number": "15", "uri": "tel:15", "label": "SAMU", "hours": "Jour et nuit"},
        {
            "number": "114",
            "uri": "sms:114",
            "label": "Par SMS, si vous ne pouvez pas parler",
            "hours": "Jour et nuit",
        },
    ],
}
HOSTILE = (
    '<p onclick="alert(1)" style="color:red">Bonjour <img src=x onerror="window.hacked=1">'
    "<script>window.hacked=1</script><a href='javascript:window.hacked=1'>lien</a>"
    '<svg onload="window.hacked=1"></svg><iframe src="/"></iframe><form action="/x"><input name=a></form></p>'
)
ARABIC = "يمكنكم طلب المساعدة من دار التضامن. اتصلوا على الرقم 04 65 71 12 00 أو اكتبوا إلى المصلحة."

REPLIES: dict[str, dict[str, Any]] = {
    "apa": turn(
        "answer",
        "apa",
        say("L'APA aide à payer…", html=APA_HTML),
        sources=[SOURCE],
        service=SERVICE,
        suggestions=[
            {"label": "Quels papiers fournir ?", "text": "papiers", "topic": "apa"},
            {"label": "Combien de temps ça prend ?", "text": "délais", "topic": "apa"},
        ],
    ),
    "danger": turn("emergency", "emergency-suicide", emergency=EMERGENCY, service=SERVICE),
    "préciser": turn(
        "clarify",
        "clarify",
        say("Est-ce pour vous, ou pour un proche ?"),
        suggestions=[
            {"label": "Pour moi", "text": "apa", "topic": "apa"},
            {"label": "Pour un proche que j'aide", "text": "aidants", "topic": "aidants"},
        ],
    ),
    "hostile": turn("answer", "apa", say("Bonjour", html=HOSTILE)),
    "arabe": turn(
        "answer",
        "apa",
        say(ARABIC, lang="ar"),
        language="ar",
        direction="rtl",
        service=SERVICE,
        sources=[SOURCE],
        suggestions=[{"label": "ما هي الوثائق المطلوبة؟", "text": "وثائق", "topic": "apa"}],
    ),
    "english": turn(
        "answer",
        "apa",
        say("APA helps pay for home care.", lang="en"),
        language="en",
        disclosure=disclosure("en") | {"is_new": True},
    ),
    "numéro": turn(
        "answer",
        "apa",
        say("Nous avons masqué votre numéro de téléphone. Ne l'écrivez pas ici.", kind="notice"),
        say("Bonjour."),
    ),
    "lent": turn(
        "abstain",
        "abstain",
        say("L'assistant est indisponible. Appelez-nous."),
        status="degraded",
        service=SERVICE,
    ),
    "lent sans service": turn("abstain", "abstain", say("L'assistant est indisponible."), status="degraded"),
    "vide": turn("answer", "apa"),
    "relayé": turn("handoff", "handoff", status="relayed"),
    "Je voudrais parler à une personne.": turn(
        "handoff",
        "handoff",
        say("Voici le service qui peut vous aider."),
        say("Être rappelé", kind="form"),
        service=SERVICE,
        understanding={
            "kind": "handoff",
            "topic": "handoff",
            "about": "apa",
            "also": [],
            "intent": "",
            "confidence": 1,
        },
    ),
    "en direct": turn(
        "handoff", "handoff", say("Voici le service qui peut vous aider."), service=SERVICE, live=True
    ),
    "أريد التحدث مع شخص": turn(
        "handoff",
        "handoff",
        say("إليكم كيفية التواصل مع شخص.", lang="ar"),
        say("هل تفضّلون أن نتصل بكم؟", lang="ar", kind="form"),
        language="ar",
        direction="rtl",
        service=SERVICE,
    ),
    "ne sait pas": turn(
        "abstain",
        "abstain",
        say("Je ne sais pas répondre à cette question."),
        say("Être rappelé", kind="form"),
        status="abstained",
    ),
}


def opened(language: str, number: int) -> dict[str, Any]:
    """What POST /conversations answers."""
    greetings = {
        "fr": "Bonjour ! Posez votre question avec vos mots : je cherche la réponse.",
        "en": "Hello! Ask your question in your own words: I look for the answer.",
    }
    labels = {
        "fr": [
            ("Aider un parent âgé à rester chez lui", "apa"),
            ("Inscrire mon enfant au collège", "collège"),
            ("Demander le RSA", "rsa"),
        ],
        "en": [("Help an older relative stay at home", "apa"), ("Enrol my child in collège", "collège")],
    }
    greeting = greetings.get(language) or texts(language)["utter"]["greet"].format(departement="Garlaban")
    offered = labels.get(language) or [
        (texts(language)["suggestions"][key]["label"], text)
        for key, text in (("talk_to_human", "apa"), ("give_place", "collège"))
    ]
    return {
        "conversation_id": f"c{number}",
        "token": f"token-{number}",
        "language": language,
        "direction": "rtl" if language == "ar" else "ltr",
        "disclosure": disclosure(language),
        "messages": [say(greeting, lang=language)],
        "suggestions": [{"label": label, "text": text, "topic": None} for label, text in offered],
    }


def transcript(turns: list[dict[str, Any]], language: str = "fr") -> dict[str, Any]:
    """What GET /conversations/{id} answers."""
    return {
        "conversation_id": "c1",
        "language": language,
        "direction": "ltr",
        "disclosure": disclosure(language),
        "turns": turns,
    }


OPEN = {
    "reference": "K7MF-3Q9D",
    "status": "open",
    "message": say("Votre demande est enregistrée. Le service ne l’a pas encore traitée."),
}
CANCELLED = {
    "reference": "K7MF-3Q9D",
    "status": "cancelled",
    "message": say("Votre demande est annulée. Vos coordonnées sont effacées."),
}
OPTIONS = {
    "service": SERVICE,
    "language": "fr",
    "direction": "ltr",
    "subject": "Allocation personnalisée d’autonomie (APA)",
    "slots": [
        {"start": None, "end": None, "label": "Dès que possible"},
        {
            "start": "2026-11-23T08:30:00+01:00",
            "end": "2026-11-23T12:00:00+01:00",
            "label": "lundi 23 novembre, de 8 h 30 à 12 h",
        },
    ],
    "consent": {
        "id": "a-consent",
        "text": "J’accepte que mes coordonnées soient gardées, chiffrées.",
        "lang": "fr",
        "dir": "ltr",
    },
}
