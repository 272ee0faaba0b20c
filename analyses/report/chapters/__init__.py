"""What the report says, chapter by chapter."""
