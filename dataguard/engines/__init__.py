"""Where the queries of checks are answered."""
