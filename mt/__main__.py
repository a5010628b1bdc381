"""`python -m mt`."""

from mt.cli.app import main

if __name__ == "__main__":
    main()
