"""Where set-based work is done (DuckDB) and where a shop lives (the shelf)."""
