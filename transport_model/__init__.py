"""A model of secondary active transport: load it, move it, solve it, study it."""

import lazy_loader

from transport_model import old_names

__version__ = "0.2.0"

# Names and their homes stand in the stub. Each is loaded when asked for: the command line must
# answer --help before libSBML is in memory.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
old_names.install()
