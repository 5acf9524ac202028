"""The published tables of a run: the public contract of what Patron says about every customer."""

from __future__ import annotations

from patron.contracts import segment_tables
from patron.contracts.tables import Column as C
from patron.contracts.tables import TableContract

SAME_ORIGIN = "bands from other customers of the same origin"  # a coverage that no later window has tested says so
SHOP_A_YEAR_AGO = "shop_a_year_ago"  # measure: what everyone brought in, in the same window of the year before
YEAR_BEFORE = "year_before"  # measure: what the same window of the year before leads to expect of a customer

_CUSTOMER = C("customer_id", "text", "pseudonym", required=True)
_AS_OF = C("as_of", "day", "everything dated before this local day is known, nothing later", required=True)


def _amount(name: str, meaning: str) -> C:
    return C(name, "real", meaning, unit="money")


FORECASTS = TableContract(
    "forecasts",
    "one customer and horizon",
    ("customer_id", "horizon_days"),
    (
        _CUSTOMER,
        C("horizon_days", "int", "the forecast covers [as_of, as_of + horizon_days)", required=True),
        _amount("predicted_clv", "expected net revenue in the horizon, by the model that was judged best for money"),
        _amount("predicted_clv_lower", "lower end of the 80 % interval"),
        _amount("predicted_clv_upper", "upper end of the 80 % interval"),
        _amount("predicted_clv_lower_wide", "lower end of the 95 % interval"),
        _amount("predicted_clv_upper_wide", "upper end of the 95 % interval"),
        C(
            "predicted_number_of_orders",
            "real",
            "expected days with an order in the horizon, by the model that was judged best for orders; it may be "
            "another than that of predicted_clv, at another level: their ratio is not the value of an order",
        ),
        C(
            "repurchase_probability",
            "real",
            "probability of at least one order in the horizon; of customers who ordered in the last horizon_days "
            "before as_of by the model that was judged best among them, of everyone else by the best over all",
        ),
        C("churn_probability", "real", "1 - repurchase_probability"),
        C(
            "probability_alive",
            "real",
            "probability that the customer has not left for good, as of as_of; never below repurchase_probability",
        ),
        C(
            "expected_date_of_next_order",
            "day",
            "the day by whose end an order is as likely as not; empty beyond the horizon: where repurchase_probability "
            "is 0.5 or less",
        ),
        C(
            "next_order_date_lower",
            "day",
            "the first day of the 80 % interval: by its end an order has come with a chance of 10 %; empty where "
            "expected_date_of_next_order is",
        ),
        C(
            "next_order_date_upper",
            "day",
            "its last day: by its end an order has come with a chance of 90 %; empty where expected_date_of_next_order "
            "is, and beyond the horizon: where repurchase_probability is below 0.9",
        ),
        _amount("historic_clv", "net revenue so far"),
        _amount("total_clv", "historic_clv + predicted_clv"),
        _amount("predicted_margin", "expected margin in the horizon; empty where the orders' costs are not known"),
        _amount("predicted_margin_lower", "lower end of its 80 % interval"),
        _amount("predicted_margin_upper", "upper end of its 80 % interval"),
        C("expected_margin_share", "real", "share of the customer's next net revenue that is expected to be margin"),
        C("model", "text", "the champion that made predicted_clv", required=True),
        _AS_OF,
    ),
)

NEXT_CATEGORIES = TableContract(
    "next_categories",
    "one of the three categories that a customer's next order most probably holds",
    ("customer_id", "horizon_days", "rank"),
    (
        _CUSTOMER,
        C("horizon_days", "int", "the forecast covers [as_of, as_of + horizon_days)", required=True),
        C("rank", "int", "1 = most probable", required=True),
        C("category", "text", "one of the shop's 50 most bought top-level categories", required=True),
        C(
            "probability",
            "real",
            "probability that the customer's first order day in the horizon holds it, given that there is one; an "
            "order may hold several, so that they need not add up to one",
            required=True,
        ),
        C("model", "text", "the champion that said it", required=True),
        _AS_OF,
    ),
)

_REASON_COLUMNS = tuple(
    column
    for i in (1, 2, 3)
    for column in (
        C(f"reason_{i}_group", "text", f"what reason {i} is about, such as recency or value; empty: there is none"),
        C(f"reason_{i}_feature", "text", "the feature that says most of it"),
        C(f"reason_{i}_value", "real", "the customer's own value of that feature; empty: absent"),
        C(f"reason_{i}_factor", "real", "what the whole group multiplies the forecast by; above 1 raises it"),
    )
)

EXPLANATIONS = TableContract(
    "explanations",
    "one customer and horizon; those with the most predicted value and the most value at risk, where not everyone",
    ("customer_id", "horizon_days"),
    (
        _CUSTOMER,
        C("horizon_days", "int", "the forecast covers [as_of, as_of + horizon_days)", required=True),
        C("target", "text", "what is explained: net_revenue, or orders where there is no money", required=True),
        C("model", "text", "the model that made the forecast", required=True),
        C("base_value", "real", "the forecast before anything is known of the customer", required=True),
        C("predicted_value", "real", "the forecast: base_value times the factors of all groups", required=True),
        *_REASON_COLUMNS,
        C("reason", "text", "the customer's numbers and the reasons in one English sentence", required=True),
        C("reason_zh", "text", "the same in Chinese", required=True),
        _AS_OF,
    ),
)

IMPORTANCES = TableContract(
    "importances",
    "one feature, or one group of features, of one horizon's forecast",
    ("horizon_days", "kind", "name"),
    (
        C("horizon_days", "int", "horizon", required=True),
        C("target", "text", "net_revenue, or orders where there is no money", required=True),
        C("model", "text", "the model that makes the forecast", required=True),
        C("kind", "text", "feature or group", required=True),
        C("name", "text", "name of the feature or group", required=True),
        C("group", "text", "the group it belongs to", required=True),
        C("label", "text", "what people call it", required=True),
        C("label_zh", "text", "the same in Chinese", required=True),
        C("importance", "real", "mean of |log factor| over a sample of all customers", required=True),
        C("lower", "real", "lower end of its 95 % interval, over draws of customers", required=True),
        C("upper", "real", "upper end", required=True),
        C("rank", "int", "1 = moves forecasts most, among its kind", required=True),
        C("rank_best", "int", "best rank in 95 % of the draws", required=True),
        C("rank_worst", "int", "worst rank in 95 % of the draws", required=True),
        C("seed_count", "int", "seeds under which the model was learned, its own included", required=True),
        C("seed_lower", "real", "lowest importance over the seeds; empty for one seed"),
        C("seed_upper", "real", "highest importance over the seeds"),
        C("seed_rank_best", "int", "best rank over the seeds"),
        C("seed_rank_worst", "int", "worst rank over the seeds"),
        C("customer_count", "int", "customers in the sample", required=True),
        _AS_OF,
    ),
)

DECISIONS = TableContract(
    "decisions",
    "one customer's action",
    ("customer_id",),
    (
        _CUSTOMER,
        C("action", "text", "key of the playbook's action; 'none' when nothing is worth doing", required=True),
        C("channel", "text", "how"),
        C("offer", "text", "what"),
        C("expected_uplift", "real", "assumed extra probability of an order in the measurement window"),
        _amount("expected_margin", "expected incremental margin less cost"),
        _amount("cost", "expected cost of the contact and offer"),
        C("propensity", "real", "probability of the arm the customer was given", required=True),
        C("arm", "text", "treatment or holdout", required=True),
        C("reason", "text", "why, in English", required=True),
        C("reason_zh", "text", "why, in Chinese", required=True),
        C("owner", "text", "who does it"),
        C("measure_until", "day", "when to look at the result"),
        _AS_OF,
    ),
)

QUALITY = TableContract(
    "quality",
    "one judgement",
    ("room", "measure", "slice"),
    (
        C("room", "text", "which room is judged", required=True),
        C("measure", "text", "what was measured", required=True),
        C("slice", "text", "of what: a model, horizon, segment or table", required=True),
        C("value", "real", "the measurement"),
        C("lower", "real", "lower end of its interval"),
        C("upper", "real", "upper end of its interval"),
        C("baseline", "real", "the same measured on the naive formula or the alternative"),
        C("verdict", "text", "good, fair, poor, refused or info, with a word of why in English", required=True),
        C("reason", "text", "the same why as JSON, its key and its numbers, for texts in any language; may be empty"),
    ),
)

CALIBRATION = TableContract(
    "calibration",
    "one decile of one model's predictions at the held-out origin",
    ("horizon_days", "target", "model", "decile"),
    (
        C("horizon_days", "int", "horizon", required=True),
        C(
            "target",
            "text",
            "net_revenue, orders, active, or churn (of those who had ordered in the last horizon_days)",
            required=True,
        ),
        C("model", "text", "model", required=True),
        C("decile", "int", "1 = lowest predicted", required=True),
        C("customer_count", "int", "customers in the decile", required=True),
        C("mean_predicted", "real", "mean prediction", required=True),
        C("mean_actual", "real", "mean of what happened", required=True),
        C("cumulative_share", "real", "share of the actual total held by this and higher deciles", required=True),
        C("origin", "day", "the forecast was made as of this day", required=True),
    ),
)

REALISED = TableContract(
    "realised",
    "one decile of an earlier run's forecast whose window is over",
    ("run_id", "horizon_days", "target", "decile"),
    (
        C("run_id", "text", "the run that made the forecast", required=True),
        C("horizon_days", "int", "horizon", required=True),
        C(
            "target",
            "text",
            "net_revenue, orders, active, or churn (of those who had ordered in the last horizon_days)",
            required=True,
        ),
        C("decile", "int", "1 = lowest predicted", required=True),
        C("customer_count", "int", "customers in the decile", required=True),
        C("mean_predicted", "real", "mean of what was published", required=True),
        C("mean_actual", "real", "mean of what happened", required=True),
        C("origin", "day", "the forecast was made as of this day", required=True),
    ),
)

COHORTS = TableContract(
    "cohorts",
    "one cohort of first orders and month of age",
    ("cohort_month", "age_months"),
    (
        C("cohort_month", "day", "first day of the month of the first order", required=True),
        C("age_months", "int", "months since then, 0 = the month itself", required=True),
        C("customer_count", "int", "customers in the cohort", required=True),
        C("active_customer_count", "int", "of them, with an order in that month", required=True),
        _amount("net_revenue", "net revenue in that month"),
        _amount("cumulative_net_revenue_per_customer", "net revenue per customer up to and including that month"),
        C("is_complete", "flag", "the calendar month lies wholly before as_of", required=True),
    ),
)

PUBLISHED = {
    table.name: table
    for table in (
        segment_tables.SEGMENTS,
        segment_tables.SEGMENT_DEFINITIONS,
        segment_tables.SEGMENT_PROFILES,
        segment_tables.SEGMENT_RULES,
        segment_tables.SEGMENT_MEDOIDS,
        segment_tables.SEGMENT_CATEGORIES,
        segment_tables.SEGMENT_RESPONSES,
        segment_tables.SEGMENT_EVENTS,
        segment_tables.SEGMENT_MOVES,
        FORECASTS,
        NEXT_CATEGORIES,
        EXPLANATIONS,
        IMPORTANCES,
        DECISIONS,
        QUALITY,
        CALIBRATION,
        REALISED,
        COHORTS,
    )
}
