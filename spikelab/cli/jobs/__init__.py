"""The work behind ``spikelab run``: plain functions, free of any command line library."""
