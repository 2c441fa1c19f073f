"""Questions: `query` answers SQL over all tables, `selecting` gives the runs that a condition means."""
