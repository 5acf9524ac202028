"""The rules of cleaning, one family a file: each says why a row is no fact, or what fact it becomes."""
