"""`python -m crawler` is `ogi`."""

from crawler.cli import main

if __name__ == "__main__":
    main()
