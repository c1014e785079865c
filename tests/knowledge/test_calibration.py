from pathlib import Path

import pytest

from knowledge.calibration import CALIBRATION_FILE, load_calibration


def test_every_number_is_explained_where_it_is_written() -> None:
    lines = CALIBRATION_FILE.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if line and not line.startswith("#"):
            assert lines[number - 1].startswith("#") or not lines[number - 1].startswith("\n"), line


@pytest.mark.parametrize("change", ["top: 1\nunknown: 2", "", "top: abc"])
def test_a_wrong_file_is_refused(tmp_path: Path, change: str) -> None:
    path = tmp_path / "calibration.yml"
    kept = [line for line in CALIBRATION_FILE.read_text(encoding="utf-8").splitlines() if line[:4] != "top:"]
    path.write_text("\n".join([*kept, change]), encoding="utf-8")
    with pytest.raises(ValueError, match=r"calibration\.yml|abc"):
        load_calibration(path)


def test_the_thresholds_are_in_order() -> None:
    calibration = load_calibration()
    assert 0 < calibration.clarify_from < calibration.answer_from < 1
    assert calibration.words_weight_abroad <= calibration.words_weight
