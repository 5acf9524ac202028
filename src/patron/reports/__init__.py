"""The report: one self-contained page that tells a shop's owner what the run found, and what to do about it.

It opens offline, prints to A4, follows light and dark, and reads in English or Chinese. Every chart stands beside its
table and under a sentence that says what it shows; without scripts the tables and sentences remain.

>>> from patron import reports
>>> reports.LANGUAGES
('en', 'zh')
"""

from typing import get_args

from patron.reports.changes import waiting_words
from patron.reports.earlier import realised_words
from patron.reports.gates import gate_words
from patron.reports.inputs import ASKED, CUSTOMER_PROFILES, FITNESS, PREPARATION, ReportInput
from patron.reports.model import build, headlines
from patron.reports.numbers import Lang

LANGUAGES: tuple[str, ...] = get_args(Lang)

__all__ = [
    "ASKED",
    "CUSTOMER_PROFILES",
    "FITNESS",
    "LANGUAGES",
    "PREPARATION",
    "Lang",
    "ReportInput",
    "build",
    "gate_words",
    "headlines",
    "realised_words",
    "waiting_words",
]
