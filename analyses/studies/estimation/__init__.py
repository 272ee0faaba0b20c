"""Constants estimated from measurements, for any model: problems in the format PEtab."""
