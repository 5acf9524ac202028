"""What a Parquet file says of itself without being read."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq


def filled_columns(path: Path) -> set[str] | None:
    """Return which columns of a file have a row group that is not all null, or None where the file does not say."""
    metadata = pq.read_metadata(path)
    filled: set[str] = set()
    for group in (metadata.row_group(i) for i in range(metadata.num_row_groups)):
        for column in (group.column(i) for i in range(group.num_columns)):
            if column.statistics is None or not column.statistics.has_null_count:
                return None
            if column.statistics.null_count < group.num_rows:
                filled.add(column.path_in_schema)
    return filled
