"""What the tests of this repository share, those of its plugins too; not part of the package."""
