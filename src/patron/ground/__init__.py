"""The ground floor: errors, dates and seeds; standard library only."""
