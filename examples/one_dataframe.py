"""One dataframe in, every customer's segment and value out."""

from datetime import date, timedelta

import pandas as pd

import patron

FIRST = date(2025, 1, 1)

orders = pd.DataFrame(
    [
        {"customer_id": f"C{customer}", "ordered_at": FIRST + timedelta(days=start + gap * n), "total_amount": amount}
        for customer, (start, gap, amount, count) in enumerate(
            [(10 * i, 15 + 5 * (i % 7), 20.0 + 3 * i, 1 + i % 9) for i in range(30)]
        )
        for n in range(count)
    ]
)

result = patron.segment(orders, as_of="2025-12-31", currency="EUR")
print(result[["customer_id", "segment_name", "value_tier", "historic_clv"]].head(10).to_string(index=False))
