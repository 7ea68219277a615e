"""``python -m spikelab`` is the same as ``spikelab``."""

from spikelab.cli.main import main

if __name__ == "__main__":
    main()
