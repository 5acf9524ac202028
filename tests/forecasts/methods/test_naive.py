from __future__ import annotations

import numpy as np
import pytest

from patron.forecasts.methods import LastPeriod, NaiveRate


def test_the_formula_of_average_value_times_rate_times_share_of_the_year():
    # 4 orders worth 200 in 292 days: 50 each, 5 a year; 73 days are a fifth of a year: 1 order, 50.
    amounts = [[200.0, 292.0]]
    average, per_year, share = 200 / 4, 4 / (292 / 365), 73 / 365
    predicted = NaiveRate(horizon_days=73).fit(amounts).predict(amounts)
    assert predicted[0] == pytest.approx(average * per_year * share)
    assert predicted[0] == pytest.approx(50.0)


def test_a_customer_of_yesterday_is_not_extended_without_limit():
    model = NaiveRate(horizon_days=90, minimum_tenure_days=30).fit([[20.0, 0.0]])
    assert model.predict([[20.0, 0.0]])[0] == pytest.approx(60.0)


def test_the_last_window_is_repeated_and_scaled():
    model = LastPeriod(horizon_days=365, window_days=90).fit([[9.0]])
    assert model.predict(np.array([[9.0], [0.0]])) == pytest.approx([36.5, 0.0])


@pytest.mark.parametrize(("model", "columns"), [(NaiveRate(), 1), (LastPeriod(), 2)])
def test_another_number_of_columns_is_refused(model, columns):
    with pytest.raises(ValueError, match=f"X has {columns} features"):
        model.fit(np.ones((3, columns)))
