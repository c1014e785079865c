from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from knowledge.calibration import (
    CALIBRATION_FILE,
    Confidence,
    Decision,
    Features,
    load_calibration,
    load_text_weights,
)
from knowledge.corpus import SIGNALS


def test_every_number_is_explained_where_it_is_written() -> None:
    explained = False
    for line in CALIBRATION_FILE.read_text(encoding="utf-8").splitlines():
        if line.strip().startswith("#"):
            explained = True
        elif not line.strip() or line == "weights:":
            continue
        else:
            assert explained, line
            explained = False


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"unknown": 1}, "unknown"),
        ({"answer_from": "abc"}, "abc"),
        ({"weights": {"text": 1}}, "words"),
        ({"alone": {"top": 1}}, "margin"),
        ({"disagreement": None}, "NoneType"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, change: dict[str, object], reason: str) -> None:
    data = yaml.safe_load(CALIBRATION_FILE.read_text(encoding="utf-8")) | change
    path = tmp_path / "calibration.yml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    with pytest.raises(ValueError, match=reason):
        load_calibration(path)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "calibration.yml"
    path.write_text("", encoding="utf-8")
    with pytest.raises(ValueError, match="expected exactly"):
        load_calibration(path)


def test_the_numbers_in_use_make_sense() -> None:
    calibration = load_calibration()
    assert 0 < calibration.clarify_from < calibration.answer_from < 1
    assert set(calibration.weights) == set(SIGNALS)
    assert min(calibration.weights.values()) >= 0
    assert calibration.weights["foreign_words"] < calibration.weights["words"]


def test_the_weights_of_the_text_keep_their_measured_proportions() -> None:
    weights, text = load_calibration().weights, load_text_weights()
    for name, value in text.items():
        if name == "words":  # they count more in articles, never less
            assert weights[name] / weights["short"] >= value / text["short"]
            continue
        assert weights[name] / weights["short"] == pytest.approx(value / text["short"], abs=1e-3)


def test_confidence_grows_with_each_feature() -> None:
    calibration = load_calibration()
    seen = Features(top=0.5, margin=0.1, agreement=0.0, outside=0.0, coverage=0.5)
    for model in (calibration.with_rasa, calibration.alone):
        base = model.probability(seen)
        assert 0 < base < 1
        assert model.probability(replace(seen, top=0.6)) > base
        assert model.probability(replace(seen, margin=0.2)) > base
    with_rasa = calibration.with_rasa.probability
    assert with_rasa(replace(seen, agreement=0.5)) > with_rasa(seen)
    assert with_rasa(replace(seen, outside=0.9)) < with_rasa(seen)


def test_confidence_stays_between_0_and_1() -> None:
    seen = Features(top=1e9, margin=0.0, agreement=0.0, outside=0.0, coverage=0.0)
    assert Confidence(0, 1, 0, 0, 0, 0).probability(seen) == pytest.approx(1)
    assert Confidence(0, -1, 0, 0, 0, 0).probability(seen) == pytest.approx(0)


def test_decisions_follow_the_thresholds() -> None:
    calibration = load_calibration()
    low, high, far = calibration.clarify_from, calibration.answer_from, calibration.disagreement
    assert calibration.decide(low - 0.01, 0) is Decision.ABSTAIN
    assert calibration.decide(low, 0) is Decision.CLARIFY
    assert calibration.decide(high, 0) is Decision.ANSWER
    assert calibration.decide(1.0, -far) is Decision.ANSWER
    assert calibration.decide(1.0, -far - 0.01) is Decision.CLARIFY
