"""Reports from files alone: curves, statistics over runs, and an HTML page."""
