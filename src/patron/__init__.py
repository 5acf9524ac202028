"""Patron: what is each customer worth, and what should we do about it?"""

__version__ = "0.1.0"
