"""What became of a run: curves, statistics over runs, and an HTML page, from files alone."""
