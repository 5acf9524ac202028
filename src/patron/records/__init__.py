"""Records: what did the shop's customers do, and which rows of its exports say so?

`build` turns staged files into facts with a ledger that accounts for every row; `merge` adds them to the facts that are
there; `ledger` counts where the rows of all imports now are; `fitness` says what the facts can support; `quality`
judges what became of the rows.
"""

from patron.records.cleaning.people import PLACEHOLDERS
from patron.records.cleaning.verdicts import TOO_MUCH
from patron.records.detection import Match, Sample
from patron.records.fitness import ENOUGH_BUYERS, ENOUGH_DAYS, fitness
from patron.records.identity import IdentityReport
from patron.records.ledgers import ledger
from patron.records.mapping import Proposal, accept, amend, explain, propose, target, to_toml
from patron.records.merging import Merged, merge
from patron.records.pseudonyms import pseudonym, pseudonym_column
from patron.records.quality import quality
from patron.records.reading import Found, filled, look, stage
from patron.records.recipe import Imported, build
from patron.records.sources import profiles
from patron.records.spec import Layout, Pattern, RecordSpec, SourceProfile
from patron.records.staging import StagedFile
from patron.records.wanted import OrdersTold, orders_told

__all__ = [
    "ENOUGH_BUYERS",
    "ENOUGH_DAYS",
    "PLACEHOLDERS",
    "TOO_MUCH",
    "Found",
    "IdentityReport",
    "Imported",
    "Layout",
    "Match",
    "Merged",
    "OrdersTold",
    "Pattern",
    "Proposal",
    "RecordSpec",
    "Sample",
    "SourceProfile",
    "StagedFile",
    "accept",
    "amend",
    "build",
    "explain",
    "filled",
    "fitness",
    "ledger",
    "look",
    "merge",
    "orders_told",
    "profiles",
    "propose",
    "pseudonym",
    "pseudonym_column",
    "quality",
    "stage",
    "target",
    "to_toml",
]
