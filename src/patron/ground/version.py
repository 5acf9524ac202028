"""The version of Patron; `pyproject.toml` reads it from here."""

VERSION = "0.1.0"
