"""scikit-learn's own checks of an estimator, without the one that needs an array library we do not take."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

_NEEDS_ANOTHER_LIBRARY = "check_array_api_input"


def _name(check: Any) -> str:
    if hasattr(check, "__wrapped__"):
        return _name(check.__wrapped__)
    return str(check.func.__name__ if isinstance(check, partial) else check.__name__)


def parametrize_with_checks(estimators: Sequence[Any]) -> pytest.MarkDecorator:
    """Like scikit-learn's decorator of that name; nothing is skipped."""
    pairs = [pair for estimator in estimators for pair in estimator_checks_generator(estimator)]
    kept = [(estimator, check) for estimator, check in pairs if _name(check) != _NEEDS_ANOTHER_LIBRARY]
    ids = [f"{type(estimator).__name__}-{_name(check)}-{i}" for i, (estimator, check) in enumerate(kept)]
    return pytest.mark.parametrize(("estimator", "check"), kept, ids=ids)
