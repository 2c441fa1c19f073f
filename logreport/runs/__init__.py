"""Records to runs to tables; the one place for column names, dtypes and units."""
