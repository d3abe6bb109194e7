"""Customers from tables: which fields there are, what would come of a row, writing and taking back many at once."""
