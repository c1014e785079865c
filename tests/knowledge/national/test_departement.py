from pathlib import Path

from knowledge.national.departement import only_departement
from knowledge.national.xml_file import Node, read_xml, text_of


def case(name: str, *inside: str) -> str:
    nested = f"<BlocCas>{''.join(inside)}</BlocCas>" if inside else "<Paragraphe>x</Paragraphe>"
    return f"<Cas><Titre>{name}</Titre>{nested}</Cas>"


def names(folder: Path, *cases: str, code: str = "13") -> list[str]:
    path = folder / "a.xml"
    path.write_text(f"<Texte><BlocCas>{''.join(cases)}</BlocCas></Texte>", encoding="utf-8")
    kept: Node = only_departement(read_xml(path), code)
    return [text_of(node.first("Titre")) for node in kept.walk() if node.tag == "Cas"]


REGIONS = ["Bretagne", "Corse", "Grand Est", "Normandie"]


def test_the_cases_of_other_regions_and_departements_are_left_out(tmp_path: Path) -> None:
    paca = case("Provence-Alpes-Côte d'Azur (Paca)", case("Var (83)"), case("Bouches-du-Rhône (13)"))
    found = names(tmp_path, *map(case, REGIONS), paca)
    assert found == ["Provence-Alpes-Côte d'Azur (Paca)", "Bouches-du-Rhône (13)"]


def test_where_this_one_is_not_named_the_others_are_kept_or_the_rest(tmp_path: Path) -> None:
    assert names(tmp_path, *map(case, [*REGIONS, "Occitanie"])) == [*REGIONS, "Occitanie"]
    assert names(tmp_path, *map(case, [*REGIONS, "Autre région"])) == ["Autre région"]
    assert names(tmp_path, case("Var (83)"), case("Vaucluse (84)")) == ["Var (83)", "Vaucluse (84)"]


def test_an_exception_beside_a_general_case_stays(tmp_path: Path) -> None:
    assert names(tmp_path, case("Cas général"), case("À Paris")) == ["Cas général", "À Paris"]
    assert names(tmp_path, case("Cas général"), case("Corse")) == ["Cas général", "Corse"]


def test_overseas(tmp_path: Path) -> None:
    assert names(tmp_path, *map(case, [*REGIONS, "Outre-mer"]), code="974") == ["Outre-mer"]
