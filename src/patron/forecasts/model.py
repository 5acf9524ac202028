"""The story of a forecast: judge on the past, refit the winners on everything, say it of every customer.

    judged = backtest(labelled, spec, horizon_days=90, seed=7)
    model = fit(labelled, snapshot, spec, horizon_days=90, backtest=judged, seed=7)
    forecasts = apply(model, features)

`apply` gets a fitted model and cannot relearn.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pyarrow as pa

from patron.forecasts.contenders import AGAIN, LEARN, NAIVE, TARGETS, Contender, Lesson, PurchaseProcess, Target
from patron.forecasts.contenders.purchase_process import learn_process
from patron.forecasts.fitted import ForecastModel, explained_target
from patron.forecasts.gates import rulings
from patron.forecasts.leaks import insist_no_leak
from patron.forecasts.levels import Level
from patron.forecasts.margin import MARGIN_READ, fit_margin
from patron.forecasts.next_order import KIND, LEARN_TIMING, Timing
from patron.forecasts.quality import Backtest
from patron.forecasts.rows import MONEY, Rows, draw, read_rows
from patron.forecasts.scoring import forecast
from patron.forecasts.seasons import in_season
from patron.forecasts.spec import ForecastSpec
from patron.forecasts.trials import Refusal
from patron.ground.errors import NotEnoughData
from patron.ground.seeds import derive

SEEDS = 3  # under which a champion of trees is learned, its own included: three pairs to compare
_CHUNK_ROWS = 100_000
_PURCHASE_COLUMNS = ("customer_id", "as_of", "btyd_", "orders_count_", MONEY, *MARGIN_READ, "future_")


def fit(
    labelled: pa.Table | None,
    snapshot_btyd: pa.Table,
    spec: ForecastSpec,
    *,
    horizon_days: int,
    backtest: Backtest | None,
    seed: int,
) -> ForecastModel:
    """Refit the champions on every completed window, and the purchase process on today's histories.

    Args:
        labelled: the rows that were backtested; None when there were none. With a backtest of a shorter horizon: rows
            whose `window_days` reach up to this one.
        snapshot_btyd: today's rows, one per customer: at least `customer_id`, `as_of`, `orders_count_lifetime`,
            `btyd_frequency`, `btyd_recency_days`, `btyd_T_days`, and `btyd_monetary_mean` and
            `net_revenue_sum_lifetime` where there is money.
        spec: the spec of the backtest.
        horizon_days: the horizon to forecast.
        backtest: who won; None when nothing could be judged: what a judgement allows (`ForecastModel.gates`) then stays
            empty. A backtest of another horizon says who won; its levels and intervals belong to its own horizon and
            stay out.
        seed: the Plan's seed.

    Raises:
        LeakFound: a feature of `labelled` all but determines an outcome.
        NotEnoughData: no customer has ordered.
    """
    rows = read_rows(_histories_alone(snapshot_btyd), where="forecasts.fit", labelled=False)
    rows = rows.where(rows.has_history)
    if len(rows) == 0:
        raise NotEnoughData("forecasts.fit: no customer has an order before as_of.\nRefused: every forecast.")
    refusals = list(backtest.refusals) if backtest else [_unjudged(horizon_days)]
    own = backtest if backtest and backtest.horizon_days == horizon_days else None
    windows = _windows(labelled, rows.as_of.max(), horizon_days, spec, seed)
    lesson = _lesson(windows, rows, _sample(snapshot_btyd, spec, seed), horizon_days, spec, seed)
    winners = {champion.target: champion.model for champion in backtest.champions} if backtest else _naive(rows)
    timed = winners.pop("next_order", KIND)
    contenders, champions, again = _refit(winners, lesson, refusals)
    process = _process(rows, horizon_days, spec, refusals)
    timed, timing = _timing(timed, lesson, refusals)
    margin = fit_margin(rows, own.margin if own else None)
    if margin and margin.naive_money:
        contenders.setdefault(NAIVE, LEARN[NAIVE](lesson))
    today = rows.as_of.max().astype(date)
    return ForecastModel(
        horizon_days=horizon_days,
        learned_as_of=today,
        champions={**champions, "next_order": timed},
        contenders=contenders,
        levels=_levels(own, contenders, lesson.sample, today),
        process=process,
        timing=timing,
        intervals=own.intervals if own and champions.get("net_revenue") in _judged_money(own) else None,
        refusals=tuple(refusals),
        margin=margin,
        gates=rulings(rows, backtest, process),
        learned_again=again,
    )


def apply(model: ForecastModel, features: pa.Table | pa.RecordBatch) -> pa.Table:
    """Forecast every customer of a feature table.

    Args:
        model: from `fit`.
        features: one row per customer, the columns the model learned from; more columns do no harm.

    Returns:
        One row per input row in the same order: `customer_id, horizon_days, predicted_clv, predicted_clv_lower,
        predicted_clv_upper, predicted_clv_lower_wide, predicted_clv_upper_wide, predicted_number_of_orders,
        repurchase_probability, churn_probability, probability_alive,
        expected_date_of_next_order, next_order_date_lower, next_order_date_upper, historic_clv, total_clv,
        predicted_margin, predicted_margin_lower, predicted_margin_upper, expected_margin_share, model, as_of`. Empty
        cells where
        the shop has no money, where `model.gates` refuse an output, or where the customer has not ordered yet.

    Raises:
        LeakFound: a column of `features` holds the future.
    """
    table = pa.Table.from_batches([features]) if isinstance(features, pa.RecordBatch) else features
    chunks = [
        forecast(model, read_rows(table.slice(start, _CHUNK_ROWS), where="forecasts.apply", labelled=False))
        for start in range(0, max(table.num_rows, 1), _CHUNK_ROWS)
    ]
    return pa.concat_tables(chunks)


def _windows(
    labelled: pa.Table | None, today: np.datetime64, horizon_days: int, spec: ForecastSpec, seed: int
) -> Rows | None:
    if labelled is None or labelled.num_rows == 0:
        return None
    drawn = draw(labelled, spec.most_customers, seed)
    rows = read_rows(drawn, where="forecasts.fit", labelled=True, window_days=horizon_days)
    known = rows.where(rows.has_history)
    return known.over_by(today) if len(known) else None


def _lesson(windows: Rows | None, now: Rows, sample: Rows, horizon_days: int, spec: ForecastSpec, seed: int) -> Lesson:
    whole = None if windows is None else windows.where(windows.window_days == horizon_days)
    if whole is not None and len(whole):
        insist_no_leak(whole, horizon_days, where="forecasts.fit")
    return Lesson(whole, windows, now, sample, horizon_days, spec, seed)


def _sample(snapshot: pa.Table, spec: ForecastSpec, seed: int) -> Rows:
    rows = read_rows(draw(snapshot, spec.most_customers, seed), where="forecasts.fit", labelled=False)
    return rows.where(rows.has_history)


def _histories_alone(snapshot: pa.Table) -> pa.Table:
    """Return the columns that describe purchases: a million customers with every feature would not fit in memory."""
    names = [name for name in snapshot.column_names if name.startswith(_PURCHASE_COLUMNS)]
    return snapshot.select(names)


def _refit(
    winners: Mapping[Target, str], lesson: Lesson, refusals: list[Refusal]
) -> tuple[dict[str, Contender], dict[Target, str], tuple[Contender, ...]]:
    """Learn every winner again; one that cannot be learned gives its place to the naive formula, with the reason.

    The winner of what is explained is learned under other seeds, too, where seeds matter to it.
    """
    contenders: dict[str, Contender] = {}
    again: tuple[Contender, ...] = ()
    target = explained_target(winners)
    for name in dict.fromkeys(winners.values()):
        seeds = _other_seeds(lesson) if name == winners[target] and name in AGAIN else ()
        try:
            if seeds:
                contenders[name], *others = AGAIN[name](lesson, target, seeds)
                again = tuple(others)
            else:
                contenders[name] = LEARN[name](lesson)
        except NotEnoughData as error:
            refusals.append(Refusal(name, f"{error} The naive formula is used instead."))
            contenders.setdefault(NAIVE, LEARN[NAIVE](lesson))
    return contenders, {target: name if name in contenders else NAIVE for target, name in winners.items()}, again


def _other_seeds(lesson: Lesson) -> tuple[int, ...]:
    return tuple(derive(lesson.seed, "again", str(i)) for i in range(1, SEEDS))


def _levels(own: Backtest | None, contenders: Mapping[str, Contender], sample: Rows, today: date) -> dict[str, Level]:
    """Return the levels of those who speak today, drawn to the year before where it says something."""
    if own is None:
        return {}
    levels = {name: level for name, level in own.levels.items() if name in contenders}
    expected = own.seasons.get(today)
    said = {name: contender.predict(sample) for name, contender in contenders.items()} if expected else {}
    return in_season(levels, said, expected)


def _process(rows: Rows, horizon_days: int, spec: ForecastSpec, refusals: list[Refusal]) -> PurchaseProcess | None:
    kind = "bg_nbd" if "bg_nbd" in spec.models and "mbg_nbd" not in spec.models else "mbg_nbd"
    try:
        process = learn_process(kind, rows, horizon_days, spec.least_buyers)
    except NotEnoughData as error:
        refusals.append(Refusal.of("probability_alive", error))
        return None
    if not process.sees_leaving:
        why = (
            "the purchase histories show no customer leaving for good: long gaps are explained by slow buyers alone.\n"
            "Next: use churn_probability, or a longer history."
        )
        refusals.append(Refusal("probability_alive", why))
    return process


def _timing(winner: str, lesson: Lesson, refusals: list[Refusal]) -> tuple[str, Timing]:
    """Learn who says the day of the next order; one that cannot be learned gives its place to the naive formula."""
    try:
        return winner, LEARN_TIMING[winner](lesson)
    except NotEnoughData as error:
        refusals.append(Refusal.of("expected_date_of_next_order", error))
        return NAIVE, LEARN_TIMING[NAIVE](lesson)


def _naive(rows: Rows) -> dict[Target, str]:
    return {target: NAIVE for target in TARGETS if target != "net_revenue" or rows.has_money}


def _judged_money(backtest: Backtest) -> tuple[str, ...]:
    champion = backtest.champion("net_revenue")
    return () if champion is None else (champion.model,)


def _unjudged(horizon_days: int) -> Refusal:
    return Refusal(
        "every judged forecast and every interval",
        f"no completed {horizon_days}-day window exists to judge a forecast on.",
    )
