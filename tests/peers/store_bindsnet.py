"""Store BindsNET's run over ten images of MNIST: ``python store_bindsnet.py PYTHON``, which has BindsNET."""

import sys
import tempfile
from pathlib import Path

import numpy as np
from bindsnet_case import IMAGES, draw_spikes, first_weights, their_run

from spikelab.datasets import load_mnist

if __name__ == "__main__":
    images = load_mnist().X_train[:IMAGES].reshape(IMAGES, -1) / 255.0
    spikes = draw_spikes(images, 1)
    with tempfile.TemporaryDirectory() as folder:
        theirs = their_run(sys.argv[1], spikes, first_weights(2), Path(folder))
    np.savez_compressed(
        Path(__file__).parent / "stored" / "bindsnet.npz",
        version=theirs["version"],
        spikes=np.packbits(spikes, axis=-1),
        exc=np.packbits(theirs["exc"], axis=-1),
        inh=np.packbits(theirs["inh"], axis=-1),
        weights=theirs["weights"][:, ::7, ::3],
        theta=theirs["theta"],
    )
