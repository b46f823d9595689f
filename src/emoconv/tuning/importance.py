"""Which settings mattered, by what the trials say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.trial import TrialState

if TYPE_CHECKING:
    from optuna import Study

__all__ = ["LEAST_TRIALS", "importances"]

LEAST_TRIALS = 10
"""Fewer complete trials say nothing of ten settings."""

_BEST = 5
"""At least so many trials are the good ones: Optuna's advice for a steady answer."""

_LEAST_SHARE = 0.1  # of the trials that are good ones; Optuna's own default


def importances(study: Study) -> dict[str, float] | None:
    """Return each setting's share of what told good trials from the others, the largest first.

    PED-ANOVA (Watanabe et al. 2023, https://arxiv.org/abs/2304.10255) asks of each setting how
    differently its values lie among the best trials and among all. It needs no scikit-learn, as
    fANOVA would. Pruned trials are left out: their values are of another epoch. The shares are
    of 1 together, whatever there is to share out: a setting may lead where none matters.

    Returns:
        None for fewer than `LEAST_TRIALS` complete trials, or where only one setting was searched.
    """
    trials = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    names = {name for trial in trials for name in trial.params}
    if len(trials) < LEAST_TRIALS or len(names) < 2:  # noqa: PLR2004 - to compare
        return None
    evaluator = PedAnovaImportanceEvaluator(target_quantile=max(_LEAST_SHARE, _BEST / len(trials)))
    found = get_param_importances(study, evaluator=evaluator)
    return {name: float(share) for name, share in found.items()}
