"""Writes calibration.yml: each number with a comment that says what it is and how it was measured."""

from collections.abc import Sequence
from pathlib import Path

from knowledge.calibration import Calibration

_TEMPLATE = """\
# Written by `python -m knowledge.calibrate`, which measures these numbers on the development questions; not
# edited by hand. Figures of the last run, each question judged by models that have not seen it (thresholds
# and disagreement excepted), with Wilson's 95 % intervals:
#
{figures}

# What each signal adds to an article's score. The signals of the text keep the proportions of
# text_weights.yml, its words apart; the rest is a conditional logit over all articles, on the questions that
# have a right one, divided so that the first five make 1.
weights:
  # The title, by meaning.
  title: {title:.4f}
  # The short answer, by meaning.
  short: {short:.4f}
  # The nearest piece of the sections, by meaning.
  text: {text:.4f}
  # The second nearest one.
  second: {second:.4f}
  # The nearest example question, by meaning.
  question: {question:.4f}
  # The words in common, of articles in the question's language.
  words: {words:.4f}
  # The words in common, of articles in another language: names and acronyms.
  foreign_words: {foreign_words:.4f}
  # The probability that Rasa gives to the article's topic: raised from the logit's to what puts most right
  # articles first. Kept as it was when the questions carry none.
  prior: {prior:.4f}

# How much more a section must be asked for than the short answer: the margin that chose most sections well.
section_margin: {section_margin:.4f}

# The confidence in the first article: a logistic regression of "it is right", on questions with a right
# article and on those without (out of scope, or about a topic that has no article), counted as
# calibrate.KINDS says. `top`: on its score, Rasa's part left out. `margin`: on its distance to the best
# article of another topic. `agreement`: on Rasa's probability for its topic less that of the best other one.
# `outside`: on Rasa's probability that the question is out of scope. `coverage`: on
# the share of its words that articles hold. Kept as it was when the questions carry
# nothing of Rasa's.
with_rasa: {with_rasa}
# The same when Rasa is not there.
alone: {alone}

# The thresholds of least mean cost (calibrate.COSTS), over the questions judged by models that have not seen
# them. From this confidence, answer.
answer_from: {answer_from:.4f}
# From this confidence, ask which of the first topics it is; below, abstain.
clarify_from: {clarify_from:.4f}
# When Rasa prefers another topic by more than this, ask instead of answering. Kept without Rasa's topics.
disagreement: {disagreement:.4f}
"""


def write_calibration(path: Path, calibration: Calibration, figures: Sequence[str]) -> None:
    """Write a calibration with the figures it was chosen on."""
    numbers = {**vars(calibration), **calibration.weights}
    for name in ("with_rasa", "alone"):
        model = ", ".join(f"{key}: {value:.4f}" for key, value in vars(numbers[name]).items())
        numbers[name] = f"{{{model}}}"
    comment = "\n".join(f"#   {line}" for line in figures)
    path.write_text(_TEMPLATE.format(figures=comment, **numbers), encoding="utf-8")
