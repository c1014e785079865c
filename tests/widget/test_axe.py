"""axe-core in every state: a sample in the normal run, every language and scheme in the full one."""

import random

import pytest
from playwright.sync_api import Error as PlaywrightError

from tests.requirements import need
from tests.widget.axe import LANGUAGES, SCHEMES, checks_of
from tests.widget.results import record
from tests.widget.states import STATES

pytestmark = pytest.mark.browser


def sample():
    """Each state once, in a language and a scheme drawn so that every pair of the two occurs."""
    pairs = [(language, scheme) for language in LANGUAGES for scheme in SCHEMES]
    drawn = random.Random(20261122)
    drawn.shuffle(pairs)
    return [(state, *pairs[place % len(pairs)]) for place, state in enumerate(STATES)]


def test_the_sample_holds_each_state_and_each_pair_of_language_and_scheme():
    assert {state for state, _, _ in sample()} == set(STATES)
    drawn = {(language, scheme) for _, language, scheme in sample()}
    assert drawn == {(language, scheme) for language in LANGUAGES for scheme in SCHEMES}


@pytest.mark.parametrize(("state", "language", "scheme"), sample())
def test_axe_finds_nothing(browser, state, language, scheme):
    need("widget-tools")
    (found,) = checks_of(browser, state, language, [scheme])
    assert found["violations"] == []
    assert "color-contrast" in found["passed"]


def patiently(browser, state, language):
    """The checks of a state in each scheme; brought to it again once if a busy machine was too slow."""
    try:
        return list(checks_of(browser, state, language, list(SCHEMES)))
    except (PlaywrightError, AssertionError):
        return list(checks_of(browser, state, language, list(SCHEMES)))


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_in_any_state_and_scheme(browser, language):
    need("widget-tools")
    checks = [check for state in STATES for check in patiently(browser, state, language)]
    record(
        f"axe-{language}",
        {"axe_version": checks[0]["version"], "chromium_version": browser.version, "checks": checks},
    )
    assert len(checks) == len(STATES) * len(SCHEMES)
    assert [(c["state"], c["scheme"], c["violations"]) for c in checks if c["violations"]] == []
