"""Tests of significance against scipy, which scikit-learn brings."""

import numpy as np
import pytest
from scipy import stats

from emoconv.monitoring.significance import distance_p_value, share_p_value


@pytest.mark.parametrize("seed", range(20))
def test_shares_are_judged_as_by_scipy(seed):
    rng = np.random.default_rng(seed)
    totals = rng.integers(50, 10**6, size=2)
    counts = rng.binomial(totals, rng.beta(1, 20), size=2)
    table = np.stack([counts, totals - counts])
    if not table.sum(axis=1).all():
        pytest.skip("scipy refuses a row of zeros")
    expected = stats.chi2_contingency(table, correction=True, lambda_="log-likelihood").pvalue
    found = share_p_value(counts=tuple(counts.tolist()), totals=tuple(totals.tolist()))
    np.testing.assert_allclose(expected, found, rtol=1e-6)


@pytest.mark.parametrize("value", [0.0, 0.005, 0.01, 0.02, 0.05, 0.1, 1.0])
@pytest.mark.parametrize("totals", [(30, 50), (10_000, 10_000), (1_000, 10**6)])
def test_distances_are_judged_by_the_distribution_of_kolmogorov(value, totals):
    root = np.sqrt(totals[0] * totals[1] / sum(totals))
    expected = stats.kstwobign.sf((root + 0.12 + 0.11 / root) * value)
    np.testing.assert_allclose(expected, distance_p_value(value, totals), atol=1e-9)
