"""`python -m patron`: the command line, where `patron` itself is not on the path."""

from patron.cli import main

if __name__ == "__main__":
    main()
