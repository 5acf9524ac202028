"""The story of an explanation: what each feature adds, the reasons in it, and one sentence a customer."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from patron.contracts.published import EXPLANATIONS
from patron.explanations.explainer import Attribution, Explainer, matrix_of
from patron.explanations.reasons import MOST, Reasons, find_reasons
from patron.explanations.sentences import READ, write_sentences

_ROWS_AT_ONCE = 20_000


def explain(explainer: Explainer, customers: pa.Table, *, currency: str = "") -> pa.Table:
    """Say of every customer why the forecast is what it is.

    Args:
        explainer: from `prepare`.
        customers: one row each: `customer_id`, `as_of`, the forecast's features, and the features that sentences start
            with (`READ`); customers who have ordered.
        currency: the code of the shop's currency; empty: none is known.

    Returns:
        Rows of the `explanations` table, in the customers' order.
    """
    parts = [
        _some(explainer, customers.slice(start, _ROWS_AT_ONCE), currency)
        for start in range(0, customers.num_rows, _ROWS_AT_ONCE)
    ]
    return EXPLANATIONS.check(pa.concat_tables(parts)) if parts else EXPLANATIONS.empty()


def _some(explainer: Explainer, customers: pa.Table, currency: str) -> pa.Table:
    forecast = explainer.forecast
    matrix = matrix_of(customers, forecast.features)
    said = explainer.attribute(matrix)
    found = find_reasons(said)
    predicted = np.nan_to_num(forecast.predict(matrix))
    facts = {name: matrix_of(customers, [name])[:, 0] for name in READ if name in customers.column_names}
    ahead = (forecast.target, forecast.horizon_days, predicted)
    sentences = write_sentences(said, found, facts, ahead, currency)
    n = customers.num_rows
    return pa.table(
        {
            "customer_id": customers["customer_id"],
            "horizon_days": pa.repeat(forecast.horizon_days, n),
            "target": pa.repeat(forecast.target, n),
            "model": pa.repeat(forecast.model, n),
            "base_value": pa.repeat(float(np.exp(said.base)), n),
            "predicted_value": predicted,
            **{name: column for k in range(MOST) for name, column in _reason(said, found, k).items()},
            "reason": sentences["en"],
            "reason_zh": sentences["zh"],
            "as_of": customers["as_of"],
        }
    )


def _reason(said: Attribution, found: Reasons, k: int) -> dict[str, pa.Array]:
    group, feature = found.group[:, k], found.feature[:, k]
    absent = group < 0
    number = np.take_along_axis(said.numbers, np.maximum(feature, 0)[:, None], axis=1)[:, 0]
    start = f"reason_{k + 1}"
    return {
        f"{start}_group": pa.array(found.groups, pa.string()).take(pa.array(group, mask=absent)),
        f"{start}_feature": pa.array(said.names, pa.string()).take(pa.array(feature, mask=absent)),
        f"{start}_value": pa.array(np.where(absent, np.nan, number), from_pandas=True),
        f"{start}_factor": pa.array(np.exp(found.log_factor[:, k]), mask=absent),
    }
