"""Data on disk: replay of experience, and videos."""
