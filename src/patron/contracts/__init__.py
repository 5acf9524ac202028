"""What may cross a doorway: tables, columns, features as data, protocols.

Every table in Patron answers one question: *what was known about a customer, as of a date?*
A room takes such tables and returns one. Nothing else flows.
"""
