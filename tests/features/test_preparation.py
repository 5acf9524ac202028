"""Preparation: every choice is made for a reason that is on record, and applied to new rows without relearning."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from patron.features.methods import (
    AbsenceEncoder,
    ColumnScaler,
    CorrelationSelector,
    MutualInformationSelector,
    Preparation,
    SkewnessReducer,
    ValueDiscriminant,
    VarianceSelector,
    Winsoriser,
)
from patron.ground.errors import InputError, MissingColumns, UnreadableFile

NAN = float("nan")


@pytest.fixture(scope="module")
def columns():
    rng = np.random.default_rng(0)
    n = 300
    orders = rng.geometric(0.5, n).astype(float)
    return {
        "days": rng.integers(1, 365, n).astype(float),
        "orders": orders,
        "gap": np.where(orders > 1, rng.uniform(5, 90, n), NAN),
        "gap_std": np.where(orders > 1, rng.uniform(1, 20, n), NAN),
        "money": orders * rng.lognormal(3, 1.2, n),
        "same": np.ones(n),
        "rare": np.where(np.arange(n) < 3, 1.0, NAN),
    }


def choices(preparation, step):
    return {choice.column: choice for choice in preparation.decisions_ if choice.step == step}


def test_absent_is_not_zero():
    encoder = AbsenceEncoder(fewest_present=0.1)
    prepared = encoder.fit_transform([[0.0, 30.0], [1.0, NAN], [2.0, 0.0], [3.0, 60.0]])
    assert prepared[:, 1].tolist() == [30.0, 30.0, 0.0, 60.0]  # median of 30, 0, 60
    assert prepared[:, 2].tolist() == [0.0, 1.0, 0.0, 0.0]
    assert encoder.get_feature_names_out(["orders", "gap"]).tolist() == ["orders", "gap", "gap_absent"]


def test_columns_absent_together_share_one_mark(columns):
    prepared = Preparation(columns=["orders", "gap", "gap_std"]).fit(pd.DataFrame(columns))
    names = prepared.get_feature_names_out().tolist()
    assert "gap_absent" in names
    assert "gap_std_absent" not in names
    assert "the same rows as gap" in choices(prepared, "missing values")["gap_std"].reason


def test_a_column_that_hardly_anyone_has_is_left_out_with_the_share(columns):
    prepared = Preparation().fit(pd.DataFrame(columns))
    rare = choices(prepared, "missing values")["rare"]
    assert (rare.choice, rare.reason) == ("left out", "only 1.0% of customers have it; at least 2.0% are needed")
    assert choices(prepared, "select by variance")["same"].choice == "left out"


def test_a_gap_where_none_was_seen_in_learning_is_filled_all_the_same():
    encoder = AbsenceEncoder().fit([[1.0], [2.0], [6.0]])
    assert encoder.transform([[NAN]]).tolist() == [[2.0]]


def test_winsorising_pulls_in_the_tail_and_leaves_rare_marks_alone():
    column = np.r_[np.arange(199.0), 1e9][:, None]
    clipped = Winsoriser(lower=0.0, upper=0.99).fit_transform(column)
    assert clipped.max() < 1000
    mark = np.zeros((1000, 1))
    mark[:3] = 1
    assert np.array_equal(Winsoriser().fit_transform(mark), mark)


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (np.linspace(-1, 1, 200), "none"),
        (np.exp(np.linspace(0, 8, 200)), "log1p"),
        (-np.exp(np.linspace(0, 8, 200)), "yeo_johnson"),
        (np.r_[np.zeros(190), np.ones(10)], "none"),
        (np.full(200, 7.0), "none"),
    ],
)
def test_the_transform_follows_the_skewness(column, kind):
    assert SkewnessReducer().fit(column[:, None]).kinds_ == [kind]


def test_a_transform_keeps_the_order_of_values():
    column = np.random.default_rng(0).lognormal(0, 2, 500) - 1.0
    reducer = SkewnessReducer().fit(column[:, None])
    transformed = reducer.transform(column[:, None]).ravel()
    assert np.array_equal(np.argsort(transformed, kind="stable"), np.argsort(column, kind="stable"))
    assert "skewness" in reducer.decisions_[0].reason


def test_scaling_by_hand():
    column = np.array([[1.0], [2.0], [3.0], [4.0], [100.0]])
    assert ColumnScaler(method="standard").fit_transform(column).mean() == pytest.approx(0)
    assert ColumnScaler(method="robust").fit_transform(column)[2, 0] == 0
    assert ColumnScaler(method="robust").fit(column).units_[0] == pytest.approx(2 / 1.349)
    assert ColumnScaler(method="min_max").fit_transform(column).max() == 1
    assert ColumnScaler().fit_transform(np.full((4, 1), 1e9)).tolist() == [[0.0]] * 4
    with pytest.raises(ValueError, match="min_max"):
        ColumnScaler(method="quantile").fit(column)


def test_auto_scaling_is_robust_only_where_the_tails_are_heavy():
    rng = np.random.default_rng(0)
    both = np.column_stack([rng.normal(size=2000), rng.standard_t(2, size=2000)])
    assert ColumnScaler().fit(both).methods_ == ["standard", "robust"]


def test_selection_names_the_twin_that_stays():
    x = np.random.default_rng(0).normal(size=100)
    frame = pd.DataFrame({"money": x, "money_twice": 2 * x, "other": np.random.default_rng(1).normal(size=100)})
    selector = CorrelationSelector().fit(frame)
    assert selector.get_feature_names_out().tolist() == ["money", "other"]
    assert selector.decisions_[0].reason == "correlates 1.00 with money, which stays"


def test_mutual_information_sees_what_correlation_does_not():
    rng = np.random.default_rng(0)
    x, noise = rng.uniform(-1, 1, 600), rng.normal(size=600)
    selector = MutualInformationSelector(least_information=0.1, random_state=0).fit(np.column_stack([noise, x]), x**2)
    assert selector.kept_.tolist() == [1]
    assert abs(np.corrcoef(x, x**2)[0, 1]) < 0.1
    best = MutualInformationSelector(least_information=99.0, random_state=0).fit(np.column_stack([noise, x]), x**2)
    assert best.kept_.tolist() == [1]


def test_the_value_discriminant_finds_the_axis_of_value():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 3))
    value = np.exp(2 * X[:, 1] + 0.1 * rng.normal(size=500))
    axes = ValueDiscriminant(n_bands=4).fit(X, value)
    assert abs(np.corrcoef(axes.transform(X)[:, 0], X[:, 1])[0, 1]) > 0.99
    with pytest.raises(ValueError, match="one value only"):
        ValueDiscriminant().fit(X, np.zeros(500))


def test_variance_selection_counts_customers_not_units():
    X = np.column_stack([np.r_[np.zeros(98), 1e6, 2e6], np.arange(100.0)])
    assert VarianceSelector(most_shared=0.95).fit(X).kept_.tolist() == [1]


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "arrow"])
def test_any_dataframe_gives_the_same_numbers(frame, columns):
    expected = Preparation().fit_transform(np.column_stack(list(columns.values())))
    assert Preparation().fit_transform(frame(columns)) == pytest.approx(expected)


def test_null_and_nan_are_both_absent(columns):
    with_nulls = pa.table({name: pa.array(values, from_pandas=True) for name, values in columns.items()})
    assert Preparation().fit_transform(with_nulls) == pytest.approx(Preparation().fit_transform(pa.table(columns)))


def test_columns_are_found_by_name(columns):
    prepared = Preparation(columns=["days", "money"]).fit(pa.table(columns))
    reversed_ = pa.table({"customer_id": ["x"] * 300, **dict(reversed(columns.items()))})
    assert prepared.transform(reversed_) == pytest.approx(prepared.transform(pa.table(columns)))
    with pytest.raises(MissingColumns, match="money"):
        prepared.transform(pa.table({"days": columns["days"]}))
    with pytest.raises(InputError, match="customer_id"):
        Preparation(columns=["customer_id"]).fit(reversed_)


def test_transform_does_not_learn(columns):
    prepared = Preparation(projection="pca").fit(pa.table(columns))
    one = pa.table({name: values[:1] for name, values in columns.items()})
    assert prepared.transform(one)[0] == pytest.approx(prepared.transform(pa.table(columns))[0])


def test_the_input_is_left_as_it_was(columns):
    matrix = np.column_stack(list(columns.values()))
    before = matrix.copy()
    Preparation().fit_transform(matrix)
    assert np.array_equal(matrix, before, equal_nan=True)


@pytest.mark.parametrize("projection", ["none", "pca", "lda"])
def test_survives_the_shelf(projection, columns, tmp_path):
    label = columns["money"] * 2
    prepared = Preparation(projection=projection, least_information=0.01, random_state=0).fit(pa.table(columns), label)
    prepared.save(tmp_path / "preparation")
    again = Preparation.load(tmp_path / "preparation")
    assert np.array_equal(again.transform(pa.table(columns)), prepared.transform(pa.table(columns)))
    assert again.decisions_ == prepared.decisions_
    assert again.get_feature_names_out().tolist() == prepared.get_feature_names_out().tolist()


def test_a_spoiled_preparation_is_refused(tmp_path):
    (tmp_path / "preparation.skops").write_bytes(b"not a zip")
    with pytest.raises(UnreadableFile, match="not a saved preparation"):
        Preparation.load(tmp_path)
    with pytest.raises(UnreadableFile, match="run again"):
        Preparation.load(tmp_path / "nowhere")


def test_steps_that_need_a_label_say_so(columns):
    with pytest.raises(InputError, match="projection 'lda' need a label"):
        Preparation(projection="lda").fit(pa.table(columns))


def test_every_decision_names_a_real_column_and_a_reason(columns):
    prepared = Preparation(projection="pca").fit(pa.table(columns))
    known = {*columns, "gap_absent", ""}
    assert {choice.column for choice in prepared.decisions_} <= known
    assert all(choice.reason and choice.choice and choice.step for choice in prepared.decisions_)
    assert any(choice.step == "project by PCA" and "%" in choice.reason for choice in prepared.decisions_)


def test_a_table_in_which_nothing_varies_prepares_to_no_column():
    prepared = Preparation().fit(pa.table({"same": [1.0, 1.0, 1.0], "never": [NAN, NAN, NAN]}))
    assert prepared.transform(pa.table({"same": [1.0], "never": [NAN]})).shape == (1, 0)
