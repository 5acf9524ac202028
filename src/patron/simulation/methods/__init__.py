"""The craft of the simulated shop: one process a file, arrays in, arrays out."""
