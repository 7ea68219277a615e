"""Fixed words of the page."""

from __future__ import annotations

__all__ = ["METHOD", "READOUTS", "STEPS", "WORDS"]

METHOD = (
    "Nothing here is trained by backpropagation, and no label plays a part while the network learns. The "
    "labels come in at the end: each neuron is given the class of training images for which it fires most."
)

STEPS = (
    (
        "Images become spikes",
        "Each pixel fires at random, the brighter the more often, for a third of a second of the network's "
        "time.",
        False,
    ),
    (
        "Neurons compete",
        "Every neuron hears all pixels. The first to reach its threshold fires, and silences all others for "
        "a while. Its threshold rises a little, so that the others get their turn with later images.",
        False,
    ),
    (
        "The winner learns",
        "A neuron that fires takes the pixels that have just fired into its weights (spike-timing-dependent "
        "plasticity, STDP). The sum of its weights stays the same, so that pixels which were dark lose.",
        True,
    ),
    (
        "Neurons get a name and vote",
        "With learning switched off, the training images are shown again, and each neuron is given the class "
        "for which it fires most. For a new image the spikes are the votes.",
        True,
    ),
)

#: Names of the readouts for the table.
READOUTS = {
    "mean": "vote by means",
    "proportion": "vote by shares",
    "likelihood": "vote by likelihood",
    "ridge": "ridge",
}

WORDS = {
    "STDP": "Spike-timing-dependent plasticity: a connection grows where its source fired shortly before its "
    "target did.",
    "Spike": "A neuron's only message: a short pulse, all or nothing.",
    "Threshold": "The potential at which a neuron fires. Here it rises with each spike and hardly falls, so "
    "that no neuron wins all images.",
    "Receptive field": "The weights of one neuron, drawn as an image: what it has learned to see.",
    "Vote by means": "Each class gets the mean count of the spikes of its neurons; the largest is the "
    "answer. The vote of Diehl & Cook.",
    "Vote by shares": "Each spike is divided among the classes as the neuron's were for training images.",
    "Vote by likelihood": "The class under which the counts would be most likely, were they independent "
    "Poisson counts with each class's means.",
    "Ridge": "A weighted sum of the counts for each class, fitted to the labels by least squares with a "
    "penalty on large weights. It knows more than the votes: it uses all labels to weigh all neurons.",
    "Control": "The same network robbed of one ingredient: of learning, of learned weights, or of labels.",
    "Floor": "A plain method without neurons. Only what is clearly above it is worth its cost.",
    "k-means": "A plain way to find typical images: means of groups, each image being in the nearest one's.",
    "Paired difference": "Two methods answer the same images; what counts is where they differ. The figure "
    "behind ± is its standard error over images and seeds: a difference below twice that can be chance.",
    "Seed": "The number that starts the random generator: other first weights, order of images and spikes.",
    "Synaptic operation": "One use of one connection: an addition when a spike arrives, or a multiplication "
    "and an addition for a smooth value.",
}
