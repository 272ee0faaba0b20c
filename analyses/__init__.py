"""Studies of a model: table in, table out; then figures, report and command line."""

if __name__ == "analyses":  # A checkout on Python's path: no module is loaded a second time
    from transport_model import old_names

    _is_transport_model = True
    __path__ = old_names.elsewhere(__path__)
