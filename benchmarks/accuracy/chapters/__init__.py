"""The chapters of the page, in their order."""

from benchmarks.accuracy.chapters import coverage, protocols, seasons, shops

CHAPTERS = (protocols.chapter, shops.chapter, coverage.chapter, seasons.chapter)

__all__ = ["CHAPTERS"]
