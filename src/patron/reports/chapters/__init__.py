"""The report's chapters: each is a frozen page model built by one function from one `Reading`."""
