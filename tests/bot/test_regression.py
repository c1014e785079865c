"""components/regression.py: the solution of scikit-learn, found faster."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix, hstack
from scipy.sparse import random as random_matrix
from sklearn.linear_model import LogisticRegression

from components.regression import fit_regression  # isort: skip - found by conftest.py

DRAW = np.random.default_rng(0)
LABELS = DRAW.integers(0, 5, 200)
DENSE = DRAW.normal(size=(200, 6)) + LABELS[:, None] * 0.3
SPARSE = csr_matrix(random_matrix(200, 40, density=0.1, random_state=0) * 2)
IMPORTANCE = DRAW.uniform(0.5, 2, 200)


@pytest.mark.parametrize("sparse", [SPARSE, csr_matrix((200, 0))], ids=["both blocks", "dense alone"])
def test_probabilities_are_those_of_scikit_learn(sparse: csr_matrix) -> None:
    ours = fit_regression(DENSE, sparse, LABELS, importance=IMPORTANCE, inverse_regularisation=0.5)
    together = hstack([csr_matrix(DENSE), sparse]).tocsr()
    theirs = LogisticRegression(C=0.5, max_iter=500, tol=1e-6).fit(together, LABELS, IMPORTANCE)
    scores = DENSE @ ours.dense + sparse @ ours.sparse + ours.bias
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(probabilities, theirs.predict_proba(together), atol=0.005)
