"""Lists of records, declared in about ten lines: columns, order, filters, views, search, bulk acts, export."""
