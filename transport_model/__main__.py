"""``python -m transport_model``: the command line."""

from transport_model.analyses.cli.app import main

if __name__ == "__main__":
    main()
