from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from patron.ground.errors import InputError
from patron.measures import average_precision, brier_score, log_loss, roc_auc, threshold_scores

events = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 10)), min_size=2, max_size=60).filter(
    lambda pairs: len({happened for happened, _ in pairs}) == 2
)


@settings(max_examples=30)
@given(events, st.sampled_from([0.0, 0.3, 0.5, 1.0]))
def test_every_measure_is_scikit_learns(pairs, threshold):
    y = np.array([happened for happened, _ in pairs])
    p = np.array([tenths for _, tenths in pairs]) / 10
    assert roc_auc(y, p) == pytest.approx(metrics.roc_auc_score(y, p))
    assert average_precision(y, p) == pytest.approx(metrics.average_precision_score(y, p))
    assert log_loss(y, p) == pytest.approx(metrics.log_loss(y, p, labels=[0, 1]))
    assert brier_score(y, p) == pytest.approx(metrics.brier_score_loss(y, p))
    found, called = threshold_scores(y, p, threshold), p >= threshold
    assert found.accuracy == pytest.approx(metrics.accuracy_score(y, called))
    assert found.precision == pytest.approx(metrics.precision_score(y, called, zero_division=0))
    assert found.recall == pytest.approx(metrics.recall_score(y, called, zero_division=0))
    assert found.f1 == pytest.approx(metrics.f1_score(y, called, zero_division=0))


def test_one_class_only_is_nan_where_undefined():
    assert np.isnan(roc_auc([1, 1], [0.1, 0.2]))
    assert np.isnan(average_precision([0, 0], [0.1, 0.2]))
    assert threshold_scores([0, 0], [0.1, 0.2]).f1 == 0.0


@pytest.mark.parametrize(
    ("y", "p", "message"), [([0, 2], [0.1, 0.2], "other than 0 and 1"), ([0, 1], [0.1, 1.2], "lie between 0 and 1")]
)
def test_what_is_no_event_or_probability_is_refused(y, p, message):
    with pytest.raises(InputError, match=message):
        roc_auc(y, p)
