"""Questions asked of a model: tables in, tables out."""
