"""Reading: files, folders and database tables of any supported kind become staged rows in canonical, typed columns.

Every physical row comes through. What cannot be read in it is NULL and told in `_issue`; what came is in `_raw`.
"""

from __future__ import annotations

from patron.records.reading.stage import Found, filled, look, stage

__all__ = ["Found", "filled", "look", "stage"]
