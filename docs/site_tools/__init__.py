"""What builds the site beside Sphinx: cells that are run, and the gallery made of the examples."""
