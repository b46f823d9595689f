"""Which values a trial tries: Optuna's sampler, made again for each trial from the seed.

Optuna's own is seeded once for a process. Two processes of one seed would then try the same
values, and a study that was cut off and goes on would try others than one that was not. Here
the seed of a trial is drawn from the study's seed and from how many trials came before it.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseSampler, TPESampler

from emoconv.tuning.standings import counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optuna import Study
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial, TrialState

__all__ = ["STARTUP", "TurnSampler"]

STARTUP = 10
"""Trials at random before the others are modelled: Optuna's own default."""


class TurnSampler(BaseSampler):
    """The tree-structured Parzen estimator, seeded anew for each trial.

    Bergstra et al. 2011, "Algorithms for Hyper-Parameter Optimization". All settings are drawn
    together (``multivariate``; Falkner et al. 2018, https://arxiv.org/abs/1807.01774), and not near
    to those of trials that other processes are at (``constant_liar``).

    Args:
        seed: Of the study.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._sampler = _parzen(seed)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Seed the trial's own sampler."""
        before = study.get_trials(deepcopy=False)
        turn = sum(counts(other) for other in before if other.number < trial.number)
        drawn = np.random.SeedSequence([self._seed, turn]).generate_state(1)
        self._sampler = _parzen(int(drawn[0]))
        self._sampler.before_trial(study, trial)

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Return what is drawn together."""
        return self._sampler.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Draw it."""
        return self._sampler.sample_relative(study, trial, search_space)

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:  # noqa: ANN401 - Optuna's signature
        """Draw a setting by itself, as in the trials at random."""
        return self._sampler.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(
        self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None
    ) -> None:
        """Let Optuna's sampler know."""
        self._sampler.after_trial(study, trial, state, values)


def _parzen(seed: int) -> TPESampler:
    with warnings.catch_warnings():  # constant_liar was an experiment before Optuna 5
        warnings.simplefilter("ignore", ExperimentalWarning)
        return TPESampler(
            seed=seed, n_startup_trials=STARTUP, multivariate=True, constant_liar=True
        )
