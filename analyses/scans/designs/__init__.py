"""Tables of points at which a study is run."""
