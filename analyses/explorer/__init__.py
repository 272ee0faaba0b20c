"""The model in a browser: its equations as JavaScript, what a page knows of it, and the page."""
