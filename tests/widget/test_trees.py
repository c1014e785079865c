"""What assistive technologies get of each state is what the kept files say."""

import pytest

from tests.widget.conftest import PHONE
from tests.widget.states import STATES
from tests.widget.trees import FOLDER, compare, kept

pytestmark = pytest.mark.browser
LANGUAGES = ("fr", "ar")
USUAL = {("answer", "fr"), ("callback with errors", "ar")}
CASES = [
    pytest.param(state, language, marks=[] if (state, language) in USUAL else [pytest.mark.slow])
    for language in LANGUAGES
    for state in STATES
]


@pytest.mark.parametrize(("state", "language"), CASES)
def test_the_tree_of_each_state_is_the_one_kept(new_chat, state, language):
    chat = new_chat(viewport=PHONE, reduced_motion="reduce")
    chat.language = language
    STATES[state](chat)
    compare(chat, state)


def test_each_tree_that_is_kept_is_of_a_state():
    assert set(FOLDER.rglob("*.yml")) == {kept(state, language) for state in STATES for language in LANGUAGES}
