"""Let ``python -m pipeline`` be the ``wirefeed`` command."""

from pipeline.cli.app import main

if __name__ == "__main__":
    main()
