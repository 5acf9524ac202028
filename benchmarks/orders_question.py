"""The question that `engines` asks of everybody: RFM, refunds and the rhythm of orders, over windows up to a day."""

from __future__ import annotations

from benchmarks.snapshot_writing import name

WINDOWS_DAYS = (30, 90, 365, None)  # None: the lifetime
MEANS_DAYS = (90, 365, None)
SPARK_MASTER = "local[2]"
SHUFFLE_PARTITIONS = 4  # two for each core
WANTED = (
    "days_since_last_order",
    "days_since_first_order",
    *(
        name(what, days)
        for what in ("orders_count", "revenue_sum", "refund_sum", "net_revenue_sum")
        for days in WINDOWS_DAYS
    ),
    *(name("order_value_mean", days) for days in MEANS_DAYS),
    "order_gap_days_mean_lifetime",
    "order_gap_days_std_lifetime",
    "order_gap_days_max_lifetime",
)
