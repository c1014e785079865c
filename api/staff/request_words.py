"""The French words of the requests' pages: agents are French civil servants."""

from __future__ import annotations

from typing import Final

from api.staff.summary import Outcome
from api.staff.urgency import Reason
from records.entries import HandoffKind
from records.inbox_entries import ChangeKind, RequestStatus

STATUSES: Final = {
    RequestStatus.OPEN: "à traiter",
    RequestStatus.IN_PROGRESS: "en cours",
    RequestStatus.DONE: "traitée",
    RequestStatus.UNREACHABLE: "injoignable",
    RequestStatus.CANCELLED: "annulée",
}
MOVES: Final = {
    RequestStatus.OPEN: "Remettre à traiter",
    RequestStatus.IN_PROGRESS: "Je commence",
    RequestStatus.DONE: "Traitée",
    RequestStatus.UNREACHABLE: "Personne injoignable",
    RequestStatus.CANCELLED: "Annuler la demande",
}
REOPEN: Final = "Rouvrir la demande"
KINDS: Final = {HandoffKind.CALLBACK: "rappel", HandoffKind.LIVE: "conversation en direct"}
REASONS: Final = {
    Reason.DANGER: "Danger signalé",
    Reason.WAITING_LIVE: "Attend en direct",
    Reason.TIME_PASSED: "Créneau dépassé",
    Reason.TIME_NEAR: "Créneau proche",
    Reason.WAITING_LONG: "Attend depuis longtemps",
}
OUTCOMES: Final = {
    Outcome.ANSWERED: "Réponse donnée",
    Outcome.CLARIFIED: "Précision demandée",
    Outcome.REDIRECTED: "Orientation vers un autre organisme",
    Outcome.HANDED_OFF: "Orientation vers un service",
    Outcome.EMERGENCY: "Numéros d’urgence donnés",
    Outcome.ABSTAINED: "L’assistant n’a pas su répondre",
    Outcome.DEGRADED: "Panne : seul un contact a été donné",
    Outcome.RELAYED: "Transmis à un agent",
    Outcome.PENDING: "Sans réponse",
}
CHANNELS: Final = {"phone": "par téléphone", "sms": "par SMS", "email": "par e-mail", "visit": "sur place"}
CONTACT: Final = {
    "name": "Nom ou pseudonyme",
    "channel": "Préfère être joint",
    "value": "Coordonnées",
    "preferred_time": "Moment souhaité",
    "subject": "Objet",
}
CHANGES: Final = {ChangeKind.STATUS: "État", ChangeKind.ASSIGNEE: "Agent"}
NOBODY: Final = "personne"

FAULTS: Final = {
    "changed": "La demande a changé pendant que vous la lisiez : voici où elle en est.",
    "colleague": "Cet agent ne peut pas lire les demandes de ce service.",
    "note": "Une note a de 1 à 4 000 caractères.",
}
DONE: Final = {
    "status": "L’état est enregistré.",
    "assignee": "L’agent est enregistré.",
    "note": "La note est enregistrée.",
}
