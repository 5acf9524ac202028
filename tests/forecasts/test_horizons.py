from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from patron import forecasts
from patron.contracts.published import FORECASTS

AS_OF = date(2025, 6, 1)
DATES = ("next_order_date_lower", "expected_date_of_next_order", "next_order_date_upper")


def said(horizon_days, rows):
    """Return a table of forecasts: (chance, orders, alive, three dates) a row."""
    names = ("repurchase_probability", "predicted_number_of_orders", "probability_alive", *DATES)
    told = [dict(zip(names, row, strict=True)) for row in rows]
    for i, row in enumerate(told):
        chance = row["repurchase_probability"]
        row |= {"customer_id": f"c{i}", "horizon_days": horizon_days, "as_of": AS_OF, "model": "stack"}
        row |= {"churn_probability": None if chance is None else 1 - chance, "predicted_clv": 5.0}
    return pa.Table.from_pylist(told, schema=FORECASTS.schema)


def days(*ahead):
    return [None if it is None else date.fromordinal(AS_OF.toordinal() + it) for it in ahead]


def agreed(shorter, longer):
    return forecasts.agree([said(90, [shorter]), said(180, [longer])])[1].to_pylist()[0]


def test_a_chance_and_a_number_of_orders_never_fall_with_the_horizon():
    row = agreed((0.7, 1.4, 0.8, *days(5, 40, None)), (0.6, 1.2, 0.65, *days(9, 55, 170)))
    assert row["repurchase_probability"] == 0.7
    assert row["churn_probability"] == pytest.approx(0.3)
    assert row["predicted_number_of_orders"] == 1.4
    assert row["probability_alive"] == 0.7
    assert row["predicted_clv"] == 5.0


def test_one_customer_has_one_date_of_the_next_order():
    row = agreed((0.7, 1.4, 0.8, *days(5, 40, None)), (0.95, 2.0, 0.97, *days(9, 55, 70)))
    assert [row[name] for name in DATES] == days(5, 40, 90)  # nine in ten not before the shorter one's end


def test_the_even_day_lies_beyond_a_horizon_that_names_none():
    row = agreed((0.45, 0.5, 0.8, *days(None, None, None)), (0.6, 1.0, 0.8, *days(20, 80, None)))
    assert [row[name] for name in DATES] == days(20, 90, None)


def test_a_longer_horizon_that_is_less_sure_still_has_the_date():
    row = agreed((0.7, 1.4, 0.8, *days(5, 40, None)), (0.4, 1.2, 0.65, *days(None, None, None)))
    both = forecasts.agree(
        [
            said(90, [(0.7, 1.4, 0.8, *days(5, 40, None))] * 2),
            said(180, [(0.4, 1, 0.7, *days(None, None, None)), (0.9, 2, 0.9, *days(1, 9, 99))]),
        ]
    )[1].to_pylist()
    assert [row[name] for name in DATES] == days(None, None, None)  # nobody has one: refused
    assert [both[0][name] for name in DATES] == days(5, 40, None)


def test_what_a_horizon_refuses_stays_refused():
    row = agreed((0.7, 1.4, 0.8, *days(5, 40, None)), (None, None, None, *days(None, None, None)))
    assert {row[name] for name in ("repurchase_probability", "predicted_number_of_orders", *DATES)} == {None}


def test_one_horizon_and_none_are_left_as_they_are():
    alone = said(90, [(0.7, 1.4, 0.8, *days(5, 40, None))])
    assert forecasts.agree([alone]) == [alone]
    assert forecasts.agree([]) == []
