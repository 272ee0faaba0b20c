"""Studies of a model: table in, table out; then figures, report and command line."""
