"""The stages of a run, one a file: each reads what the ones before it left on the shelf, and leaves its own."""
