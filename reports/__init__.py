"""Numbers over many rows: rollups, and the queries that pages and exports share."""
