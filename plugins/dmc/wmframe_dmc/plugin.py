"""Components of this plugin."""
