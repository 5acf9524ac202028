"""How good Patron's forecasts are: fixed hold-out protocols, against the naive formulas and named peers, in one run.

python -m benchmarks.accuracy --data FOLDER              the four protocols, every peer that is installed
python -m benchmarks.accuracy shops --data FOLDER        every metric of every champion on real shops, beside the formula's
python -m benchmarks.accuracy coverage --data FOLDER     what intervals covered, rolled over past dates
"""
