"""The next category, on customers whose tastes are known."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from patron import forecasts
from patron.contracts.published import NEXT_CATEGORIES
from patron.forecasts import CategoryWindow, ForecastSpec
from patron.ground.errors import MissingColumns, NotEnoughData

SPEC = ForecastSpec(bootstrap_draws=50)
NAMES = tuple("abcdef")
START = date(2025, 1, 1)


def histories(n=600, seed=0, taste=True):
    """Return counts of customers who buy what they like: (order days, held, chance of each category)."""
    random = np.random.default_rng(seed)
    usual = np.array([0.4, 0.3, 0.2, 0.15, 0.1, 0.05])
    chance = random.beta(2.0 * usual, 2.0 * (1.0 - usual), (n, usual.size)) if taste else np.tile(usual, (n, 1))
    days = random.integers(1, 12, n)
    return days, random.binomial(days[:, None], chance), chance


def rows_of(days, held):
    who, what = np.nonzero(held)
    return pa.table(
        {
            "customer_id": [f"c{i:04d}" for i in who],
            "category": [NAMES[k] for k in what],
            "order_days": held[who, what].astype(float),
            "recent_order_days": held[who, what] * 0.5,
            "in_last_order": np.where(what % 2 == 0, 1.0, 0.0),
            "order_days_all": days[who].astype(float),
            "recent_order_days_all": days[who] * 0.5,
        }
    )


def came_of(chance, seed, share_ordering=0.75):
    """Return what the orders held; every order also holds a thing that is not forecast, so that none is empty."""
    random = np.random.default_rng(seed)
    orders = np.flatnonzero(random.random(len(chance)) < share_ordering)
    who, what = np.nonzero(random.random((orders.size, chance.shape[1])) < chance[orders])
    ids = [f"c{orders[i]:04d}" for i in who] + [f"c{i:04d}" for i in orders]
    return pa.table({"customer_id": ids, "category": [NAMES[k] for k in what] + ["bags"] * orders.size})


def windows(n=600, dates=3, taste=True):
    made = []
    for i in range(dates):
        days, held, chance = histories(n, i, taste)
        made.append(CategoryWindow(START + timedelta(days=90 * i), rows_of(days, held), came_of(chance, 10 + i), NAMES))
    return made


@pytest.fixture(scope="module")
def judged():
    return forecasts.judge_categories(windows(), SPEC, horizon_days=90, seed=7)


def value(judged, model, measure):
    return next(one.it.value for one in judged.judgements if (one.model, one.measure) == (model, measure))


def test_tastes_are_found_and_the_shop_alone_is_beaten(judged):
    assert judged.crowned.model in ("beta_binomial", "opinion_pool")
    assert judged.crowned.difference.upper < 0
    assert judged.grade.letter in ("A", "B")
    winner = judged.crowned.model
    assert value(judged, winner, "log_loss") < value(judged, "own_share", "log_loss")
    assert value(judged, winner, "hit_rate_at_1") > value(judged, "naive", "hit_rate_at_1") + 0.1
    assert judged.holdout == START + timedelta(days=180)


def test_where_nobody_has_a_taste_no_model_beats_the_shop():
    judged = forecasts.judge_categories(windows(taste=False), SPEC, horizon_days=90, seed=7)
    assert judged.crowned.model == "naive"
    assert judged.grade.letter == "D"


def test_what_came_at_the_held_out_date_moves_the_measures_and_nothing_that_was_said():
    made = windows()
    reversed_taste = CategoryWindow(made[2].as_of, made[2].history, came_of(1.0 - histories(600, 2)[2], 12), NAMES)
    judged = [
        forecasts.judge_categories([*made[:2], newest], SPEC, horizon_days=90, seed=7)
        for newest in (made[2], reversed_taste)
    ]
    assert value(judged[1], "opinion_pool", "hit_rate_at_1") < value(judged[0], "opinion_pool", "hit_rate_at_1") - 0.1


def test_a_window_that_is_not_over_teaches_nothing():
    close = [CategoryWindow(START + timedelta(days=i), w.history, w.came, NAMES) for i, w in enumerate(windows())]
    judged = forecasts.judge_categories(close, SPEC, horizon_days=90, seed=7)
    assert {one.model for one in judged.judgements} == {"naive", "own_share", "beta_binomial"}


def test_three_categories_are_named_for_everyone_as_the_contract_says(judged):
    made = windows()
    today = forecasts.read_baskets(made[2].history, NAMES, made[2].as_of)
    model = forecasts.fit_categories(today, made, judged)
    named = forecasts.name_categories(model, today)
    assert named.schema.names == list(NEXT_CATEGORIES.names)
    assert named.num_rows == 3 * len(today)
    assert pc.unique(named["rank"]).to_pylist() == [1, 2, 3]
    chance = named["probability"].to_numpy().reshape(-1, 3)
    assert ((chance[:, :-1] >= chance[:, 1:]).all(), chance.min() > 0.0, chance.max() < 1.0) == (True, True, True)
    part = forecasts.read_baskets(
        made[2].history.filter(pc.less(made[2].history["customer_id"], "c0100")), NAMES, START
    )
    few = forecasts.name_categories(model, part)
    assert few["category"].equals(named.slice(0, few.num_rows)["category"])  # nobody's forecast depends on the others


def test_quality_has_a_row_per_measure_and_contender_and_a_gate(judged):
    rows = forecasts.evaluate_categories(judged).to_pylist()
    slices = {row["slice"] for row in rows if row["measure"] == "hit_rate_at_3"}
    assert slices == {f"90d/next_category/{m}" for m in ("naive", "own_share", "beta_binomial", "opinion_pool")}
    assert all(row["lower"] <= row["value"] <= row["upper"] for row in rows if row["measure"].startswith("hit_rate"))
    assert [row["verdict"] for row in rows if row["measure"] == "gate"] == ["good: allowed"]
    naive = [row for row in rows if row["slice"].endswith("/naive")]
    assert all(row["value"] == row["baseline"] for row in naive)


@pytest.mark.parametrize(("n", "names"), [(40, NAMES), (600, NAMES[:1])])
def test_thin_data_are_refused_with_what_to_collect(n, names):
    thin = [CategoryWindow(w.as_of, w.history, w.came, names) for w in windows(n)]
    with pytest.raises(NotEnoughData, match="import a product file with categories, or collect more") as caught:
        forecasts.judge_categories(thin, SPEC, horizon_days=90, seed=7)
    row = forecasts.refuse_categories(90, caught.value).to_pylist()[0]
    assert row["slice"] == "90d/next_categories"
    assert row["verdict"].startswith("refused: At the newest past date")
    assert '"few_baskets"' in row["reason"]


def test_the_gate_holds_however_few_the_plan_would_take():
    few = ForecastSpec(bootstrap_draws=50, least_customers=5)
    with pytest.raises(NotEnoughData, match="50 customers"):
        forecasts.judge_categories(windows(40), few, horizon_days=90, seed=7)


def test_earlier_windows_in_which_nothing_known_was_bought_teach_no_pool():
    made = windows()
    bags = pa.table({"customer_id": [f"c{i:04d}" for i in range(60)], "category": ["bags"] * 60})
    blind = [CategoryWindow(w.as_of, w.history, bags, NAMES) for w in made[:2]]
    judged = forecasts.judge_categories([*blind, made[2]], SPEC, horizon_days=90, seed=7)
    assert "opinion_pool" not in {one.model for one in judged.judgements}


def test_a_history_without_its_columns_is_refused_by_name():
    with pytest.raises(MissingColumns, match="order_days_all"):
        forecasts.read_baskets(pa.table({"customer_id": ["a"], "category": ["b"]}), NAMES, START)


def test_orders_of_other_categories_are_misses():
    days, held, _ = histories(200)
    came = pa.table({"customer_id": ["c0000", "c0001"], "category": ["unheard of", "a"]})
    read = forecasts.read_baskets(rows_of(days, held), NAMES, START, came)
    assert read.ordered.sum() == 2
    first = read.where(read.customer_id.to_numpy(zero_copy_only=False) == "c0000")
    assert first.came.sum() == 0
