"""Places in what residents write: found when they are named, silence when they are not."""

import json
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.place_words import fold
from knowledge.places import PlaceKind, load_places
from knowledge.yaml_files import ContentError

CONTENT = Path(__file__).parents[2] / "knowledge" / "content"
PLACES = load_places(CONTENT)
COMMUNES = [place for place in PLACES.all if place.kind is PlaceKind.COMMUNE]


def names(text: str) -> list[str]:
    return [place.name for place in PLACES.find(text)]


def test_all_communes_and_arrondissements_are_there_with_their_source() -> None:
    assert len(COMMUNES) == 119
    assert len(PLACES.all) == 135
    assert "etalab" in PLACES.source
    assert "Licence Ouverte" in PLACES.source


@pytest.mark.parametrize("commune", COMMUNES, ids=lambda place: place.insee)
def test_every_commune_is_found_however_it_is_written(commune) -> None:
    name = commune.name
    bare = " ".join(fold(name))
    for text in (
        name,
        name.upper(),
        bare,
        name.replace("-", " "),
        f"j'habite {name}.",
        f"Je vis à {name}, merci",
    ):
        assert [place.name for place in PLACES.find(text)] == [name], text


@pytest.mark.parametrize("commune", COMMUNES, ids=lambda place: place.insee)
def test_a_postal_code_and_a_name_make_each_other_precise(commune) -> None:
    if PLACES.parts(commune):
        return
    for code in commune.postal_codes:
        assert commune in PLACES.find(code)
        assert PLACES.find(f"{code} {commune.name}") == (commune,)


def test_a_shared_postal_code_gives_every_place() -> None:
    assert names("mon code postal est 13100") == [
        "Aix-en-Provence",
        "Beaurecueil",
        "Saint-Antonin-sur-Bayon",
        "Saint-Marc-Jaumegarde",
        "Le Tholonet",
    ]
    assert PLACES.by_postal_code("13100") == PLACES.find("13100")
    assert PLACES.by_postal_code("75001") == ()


@pytest.mark.parametrize("number", range(1, 17))
def test_a_postal_code_of_marseille_is_an_arrondissement(number: int) -> None:
    for text in (f"130{number:02}", f"130{number:02} Marseille", f"j'habite {130 * 100 + number}"):
        assert [place.insee for place in PLACES.find(text)] == [f"132{number:02}"], text


@pytest.mark.parametrize(
    "text",
    [
        "Marseille 3e",
        "marseille 3ème",
        "Marseille 3eme",
        "Marseille 3 ème",
        "MARSEILLE 3",
        "Marseille (3e)",
        "Marseille, dans le 3e",
        "j'habite à Marseille dans le 3ème",
        "3ème arrondissement",
        "3e arrondissement de Marseille",
        "le troisième arrondissement",
        "3rd arrondissement",
        "dans le 3e à Marseille",
        "marseile 3e arrondissement",
    ],
)
def test_an_arrondissement_of_marseille(text: str) -> None:
    assert [place.insee for place in PLACES.find(text)] == ["13203"]


@pytest.mark.parametrize(
    "text",
    [
        "j'habite à Marseille",
        "mon fils entre en 6e à Marseille",
        "à Marseille, 3 enfants à charge",
        "Marseille 2 enfants",
        "Marseille (13)",
        "Marseille 13",
        "i live in marseille",
        "Marsiglia",
        "я живу в Марселі",
        "أعيش في مرسيليا",
    ],
)
def test_marseille_as_a_whole(text: str) -> None:
    assert names(text) == ["Marseille"]


def test_the_parts_of_marseille() -> None:
    marseille = PLACES.place("13055")
    assert len(PLACES.parts(marseille)) == 16
    assert all(part.parent == "13055" for part in PLACES.parts(marseille))
    assert PLACES.parts(PLACES.place("13001")) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("St Rémy de Provence", "Saint-Rémy-de-Provence"),
        ("Saint Remi de provance", "Saint-Rémy-de-Provence"),
        ("st-remy", "Saint-Rémy-de-Provence"),
        ("Stes Maries de la Mer", "Saintes-Maries-de-la-Mer"),
        ("port st louis", "Port-Saint-Louis-du-Rhône"),
        ("saint paul lez durance", "Saint-Paul-lès-Durance"),
        ("marseile", "Marseille"),
        ("j'habite a marsseille", "Marseille"),
        ("mon père habite à Martigue", "Martigues"),
        ("je suis de Vitroles", "Vitrolles"),
        ("Marignanne", "Marignane"),
        ("à la Cioatat", "La Ciotat"),
        ("Ciotat", "La Ciotat"),
        ("je vis à Eguille", "Éguilles"),
        ("j'habite Istre", "Istres"),
        ("aixenprovence", "Aix-en-Provence"),
        ("Aix en Provance", "Aix-en-Provence"),
        ("Aix", "Aix-en-Provence"),
        ("Bouc Belair", "Bouc-Bel-Air"),
        ("on habite au Rove", "Le Rove"),
        ("la mairie du Tholonet", "Le Tholonet"),
        ("ma mère vit aux Baux-de-Provence", "Les Baux-de-Provence"),
        ("j'habite aux Pennes Mirabeau", "Les Pennes-Mirabeau"),
        ("je suis à Salon", "Salon-de-Provence"),
        ("j'habite a salon", "Salon-de-Provence"),
        ("Salon", "Salon-de-Provence"),
        ("Grans", "Grans"),
        ("nous habitons à Grans", "Grans"),
        ("Aurons", "Aurons"),
        ("je vis à Fos", "Fos-sur-Mer"),
        ("mimet", "Mimet"),
        ("Cuges", "Cuges-les-Pins"),
        ("j'habite à Rognes", "Rognes"),
        ("Puyricard", "Aix-en-Provence"),
        ("Mas-Thibert", "Arles"),
        ("Entressen", "Istres"),
        ("Miramas", "Miramas"),
        ("12 avenue d'Arles 13300 Salon", "Salon-de-Provence"),
        ("ma grand-mère, 81 ans, à Gémenos, ne peut plus se laver seule", "Gémenos"),
        ("I moved to Aubagne last week", "Aubagne"),
    ],
)
def test_names_as_residents_write_them(text: str, expected: str) -> None:
    assert names(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Châteauneuf", ["Châteauneuf-le-Rouge", "Châteauneuf-les-Martigues"]),
        ("Châteauneuf-les-Martigues", ["Châteauneuf-les-Martigues"]),
        ("je déménage de Marseille à Arles", ["Marseille", "Arles"]),
        ("de Arles à Marseille, puis encore Arles", ["Arles", "Marseille"]),
        ("13090 Marseille", ["Aix-en-Provence", "Marseille"]),
        ("Salon-de-Provence ou Pélissanne ?", ["Salon-de-Provence", "Pélissanne"]),
    ],
)
def test_several_places_when_it_is_ambiguous(text: str, expected: list[str]) -> None:
    assert names(text) == expected


ORDINARY_SENTENCES = [
    "apa",
    "aide",
    "rsa",
    "mon père habite à",
    "j'habite à",
    "bonjour",
    "je voudrais parler à quelqu'un",
    "nous aurons une réponse quand ?",
    "quand est-ce que nous aurons le versement",
    "mes grans-parents sont âgés",
    "les plus grans de mes enfants",
    "je cherche un salon de coiffure",
    "le salon de l'autonomie, c'est quand ?",
    "je dors dans le salon",
    "il y a un salon d'attente ?",
    "is there a salon near me",
    "le juge des enfants",
    "qui sont les juges pour enfants ?",
    "je suis mal à l'aise avec la mairie",
    "la mime et le minet",
    "mon chat est un minet",
    "mes aiguilles d'insuline",
    "faut-il rogner sur le budget ?",
    "tu rognes sur tout",
    "la cabane au fond du jardin",
    "des cabanes pour les vacances",
    "mes titres de séjour",
    "entre autres choses",
    "une histoire de baux",
    "les baux de location sont signés",
    "puis-je faire une demande sans papiers ?",
    "le sénat et l'assemblée",
    "le traitement est très long",
    "il traite mal sa mère",
    "un trait sur le formulaire",
    "je suis à l'entretien d'embauche",
    "on m'a convoqué à un entretien",
    "elle a des caries, qui paie le dentiste ?",
    "septième mois de grossesse",
    "au mois de septembre",
    "des moules et des rognons à la cantine",
    "la bouillabaisse de la cantine",
    "un fromage de roquefort à la cantine",
    "du sirop de cassis pour le bébé",
    "le savon de Marseille est-il allergène ?",
    "l'Olympique de Marseille propose des stages ?",
    "rue de Marseille",
    "avenue d'Aix",
    "boulevard de la Ciotat",
    "madame Auriol m'a appelé",
    "M. Rousset est mon assistant social",
    "Marianne est ma fille",
    "une merveille de crèche",
    "mon fils joue à la marelle",
    "j'ai 13100 euros d'épargne",
    "13013 € de dettes",
    "dossier 13100",
    "mon numéro 13001",
    "le 13 janvier à 13 h",
    "mon fils est en 3e",
    "il passe en 6e",
    "3e trimestre",
    "le 5e enfant",
    "en 4ème au collège",
    "la penne en ligne",
    "nous sommes dans la peine",
    "payer le loyer",
    "le panier de courses",
    "je suis aidante de ma mère",
    "allô, allo ?",
    "help with my rent",
    "carry on",
    "we are in care",
    "my mother is eighty",
    "is there an orgon donation card",
    "le paradoxe du RSA",
    "les fauteuils roulants sont-ils gratuits ?",
    "une verrière à poser, quelle aide ?",
    "aide pour un velux",
    "orange, noces, veaux, voix, cas, assis",
]

ELSEWHERE = [
    "Paris",
    "75013 Paris",
    "Paris 13e arrondissement",
    "Lyon 3ème",
    "69003",
    "Aix-les-Bains",
    "Le Puy-en-Velay",
    "Châteauneuf-du-Pape",
    "Tarascon-sur-Ariège",
    "Saint-Martin-de-Ré",
    "Saint-Paul-de-Vence",
    "Avignon",
    "j'habite à Toulon",
    "84300 Cavaillon",
    "17e arrondissement de Marseilleveyre",
    "2A004",
    "Bouches-du-Rhône",
    "métropole Aix-Marseille-Provence",
]


def test_there_are_enough_ordinary_sentences() -> None:
    assert len(set(ORDINARY_SENTENCES)) >= 60


@pytest.mark.parametrize("sentence", ORDINARY_SENTENCES)
def test_an_ordinary_sentence_names_no_place(sentence: str) -> None:
    assert names(sentence) == []


@pytest.mark.parametrize("text", ELSEWHERE)
def test_what_is_outside_the_departement_is_no_place(text: str) -> None:
    assert names(text) == []


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_can_be_searched(text: str) -> None:
    found = PLACES.find(text)
    assert len(set(found)) == len(found)


LONG_WORDS = [
    (place, match.start(), match.end())
    for place in COMMUNES
    for match in re.finditer(r"\w{4,}", place.name)
    if len(place.name) >= 14
]


@settings(deadline=None)
@given(st.sampled_from(LONG_WORDS), st.data())
def test_a_letter_missing_from_a_long_name_is_forgiven(long_word, data) -> None:
    commune, start, end = long_word
    position = data.draw(st.integers(start + 1, end - 1))
    misspelt = commune.name[:position] + commune.name[position + 1 :]
    assert PLACES.find(f"j'habite à {misspelt}") == (commune,)


BENCH = Path(__file__).parents[3] / "shared" / "bench"


@pytest.mark.bench_data
@pytest.mark.skipif(not BENCH.exists(), reason="needs ../shared/bench, which is not part of the project")
@pytest.mark.parametrize(
    "file", ["service_public/queries_qr_dev.jsonl", "service_public/queries_cdtn_dev.jsonl"]
)
def test_questions_of_residents_that_name_no_place_give_none(file: str) -> None:
    lines = (BENCH / file).read_text(encoding="utf-8").splitlines()
    assert {query: found for line in lines if (found := names(query := json.loads(line)["query"]))} == {}


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copytree(CONTENT / "directory" / "places", tmp_path / "directory" / "places")
    return tmp_path


def test_places_without_names_file_are_found_by_their_names(copied: Path) -> None:
    (copied / "directory" / "places" / "13.names.yml").unlink()
    places = load_places(copied)
    assert [place.name for place in places.find("13100 Aix-en-Provence")] == ["Aix-en-Provence"]
    assert places.find("Aix") == ()


def test_a_name_for_an_unknown_place_is_named_with_its_line(copied: Path) -> None:
    path = copied / "directory" / "places" / "13.names.yml"
    path.write_text('cues: [à]\nalso:\n  "99999": [Nulle part]\n', encoding="utf-8")
    with pytest.raises(ContentError, match=r"13\.names\.yml:3: also\.99999: is no place"):
        load_places(copied)


@pytest.mark.parametrize(
    "body", ["{", '{"communes": []}', '{"source": "x", "licence": "y", "communes": [{}]}']
)
def test_wrong_facts_are_refused(copied: Path, body: str) -> None:
    (copied / "directory" / "places" / "13.json").write_text(body, encoding="utf-8")
    with pytest.raises(ContentError, match=re.escape("13.json:1: file: cannot be read")):
        load_places(copied)


def test_an_unknown_departement_has_no_places() -> None:
    with pytest.raises(ContentError, match=r"99\.json"):
        load_places(CONTENT, "99")
