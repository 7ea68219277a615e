"""Fixed words of the page, by what is told: who speaks, or what is said."""

from __future__ import annotations

__all__ = ["METHOD", "NOUN", "STEPS", "TITLE", "WORDS"]

TITLE = {"speakers": "Who is speaking?", "words": "Which word was said?"}
NOUN = {"speakers": "speaker", "words": "word"}

METHOD = (
    "Nothing here is trained by backpropagation. A fixed random network turns the sound into many different "
    "echoes of itself; only the last step, a linear sum for each {noun}, is fitted, by solving one system of "
    "equations."
)

_RESERVOIR = (
    "A reservoir",
    "The frames drive a random network. Its connections are drawn once and never changed, but it remembers: "
    "each state mixes the present frame with the ones before.",
    False,
)
_SUMMARY = (
    "A summary",
    "Every utterance is cut into the same few parts. The mean state of each unit in each part (of a spiking "
    "neuron: its firing rate) is kept, so that long and short utterances compare.",
    False,
)
_READOUT = (
    "A readout",
    "A weighted sum of the summary for each {noun}. The largest one is the answer. These weights are all "
    "that is learned.",
    True,
)

STEPS = {
    "speakers": (
        ("A short sound", "A man says two vowels. Each moment (frame) of it becomes 12 numbers.", False),
        _RESERVOIR,
        _SUMMARY,
        _READOUT,
    ),
    "words": (
        (
            "An artificial ear",
            "A recording is cut into short moments (frames). A bank of filters, from low to high pitch, "
            "tells how strong each pitch is in each frame and how it changes. Loudness is evened out.",
            False,
        ),
        _RESERVOIR,
        _SUMMARY,
        _READOUT,
    ),
}

_COMMON = {
    "Reservoir": "A network of many simple units with random, fixed connections and loops. It is not "
    "trained; it turns a signal into many different mixtures of its present and its past.",
    "Recurrence": "Connections of a network to itself, which let a state depend on what came before. Its "
    "memoryless twin is the same network with these taken away.",
    "ESN": "Echo state network: a reservoir whose units hold smooth values between -1 and 1.",
    "LSM": "Liquid state machine: a reservoir (the liquid) of spiking neurons, closer to the brain's way.",
    "Spike": "A neuron's only message: a short pulse, all or nothing. Between spikes it sends nothing.",
    "Readout": "The part that learns: a weighted sum of the reservoir's states for each possible answer.",
    "Ridge": "How the readout is fitted: least squares with a penalty (alpha) on large weights, solved in "
    "one step. A larger alpha gives a smoother, more cautious readout.",
    "Ensemble": "Several reservoirs with different random connections, whose sums are averaged.",
    "Seed": "The number that starts the random generator. Other seeds give other random networks; the spread "
    "over seeds shows how much luck is in a result.",
    "Floor": "A simple method without a network. Only what is clearly above the floor is worth its cost.",
    "Control": "The same method with one ingredient taken away, which shows what this ingredient does.",
    "Paired difference": "Two methods answer the same utterances, with the same seeds; what counts is where "
    "they differ. The figure behind ± is its standard error over the utterances: a difference below twice "
    "that can be chance.",
    "Confusion matrix": "A table of what was taken for what. The diagonal holds the right answers.",
    "Synaptic operation": "One use of one connection: an addition when a spike arrives, or a multiplication "
    "and an addition for a smooth value.",
}

WORDS = {
    "speakers": {
        "Utterance": "One recording: a speaker says the two vowels once.",
        "Cepstra": "Twelve numbers that describe the colour of the voice in one short moment (a frame), "
        "mostly independent of how loud or how high it is.",
        **_COMMON,
        "GCV": "Generalised cross-validation: an estimate, from the training data alone, of the squared "
        "error on new data.",
    },
    "words": {
        "Utterance": "One recording: a speaker says one word once.",
        "Cochleagram": "A picture of a sound as the ear takes it apart: time to the right, pitch upwards, "
        "bright where a pitch is strong.",
        "Encoder": "Neurons that turn the ear's levels into spikes: the stronger a channel, the more spikes.",
        **_COMMON,
    },
}
