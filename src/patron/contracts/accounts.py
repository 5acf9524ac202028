"""The accounts: which input row a fact was made of, and the tables that say where every other row went."""

from __future__ import annotations

from patron.contracts.tables import Column as C
from patron.contracts.tables import TableContract

ROW = (
    C("file", "text", "file of the input row it was made of; empty where several rows made it or another told of it"),
    C("row_no", "int", "that row within the file, from 1"),
)

ORDER_EXTRAS = TableContract(
    "order_extras",
    "one input row that adds to an order without being an order or a line itself",
    ("source", "file", "row_no"),
    (
        C("order_id", "text", "the order it adds to", required=True),
        C("kind", "text", "what it adds: postage or fee of an order, or detail of an order", required=True),
        C("amount", "money", "money in the row; the order's own amounts hold it already"),
        C("source", "text", "the import that wrote it", required=True),
        C("file", "text", "the file", required=True),
        C("row_no", "int", "row within the file, from 1", required=True),
    ),
)

REJECTS = TableContract(
    "rejects",
    "one input row that is no fact, with the reason",
    ("source", "file", "row_no"),
    (
        C("source", "text", "the import", required=True),
        C("file", "text", "the file", required=True),
        C("row_no", "int", "row within the file, from 1", required=True),
        C("reason", "text", "why", required=True),
        C(
            "row",
            "json",
            "the row as it came; of a row that a later import replaced, the filled columns of the fact it was",
            required=True,
        ),
        C("amount", "money", "money in the row, as a guide to what it weighs"),
    ),
)

LEDGER = TableContract(
    "ledger",
    "where the rows of all imports are now; the counts add up to the rows read",
    ("source", "file", "outcome", "reason"),
    (
        C("source", "text", "the import", required=True),
        C("file", "text", "the file", required=True),
        C("outcome", "text", "the fact table it became, or 'rejects'", required=True),
        C("reason", "text", "why it was rejected, or what it became", required=True),
        C("row_count", "int", "input rows", required=True),
        C("amount", "money", "money in those rows, as a guide to what they weigh"),
    ),
)
