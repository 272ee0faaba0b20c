"""The same questions asked of other engines."""
