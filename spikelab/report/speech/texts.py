"""Fixed words of the page: the steps of the method and the glossary."""

from __future__ import annotations

__all__ = ["STEPS", "WORDS"]

STEPS = (
    ("A short sound", "A man says two vowels. Each moment (frame) of it becomes 12 numbers.", False),
    (
        "A reservoir",
        "The frames drive a random network. Its connections are drawn once and never changed, "
        "but it remembers: each state mixes the present frame with the ones before.",
        False,
    ),
    (
        "A summary",
        "Every utterance is cut into the same few parts. The mean state of each unit in each part (of a "
        "spiking neuron: its firing rate) is kept, so that long and short utterances compare.",
        False,
    ),
    (
        "A readout",
        "A weighted sum of the summary for each speaker. The largest one is the answer. These weights are "
        "all that is learned.",
        True,
    ),
)

WORDS = {
    "Utterance": "One recording: a speaker says the two vowels once.",
    "Cepstra": "Twelve numbers that describe the colour of the voice in one short moment (a frame), "
    "mostly independent of how loud or how high it is.",
    "Reservoir": "A network of many simple units with random, fixed connections and loops. It is not "
    "trained; it turns a signal into many different mixtures of its present and its past.",
    "ESN": "Echo state network: a reservoir whose units hold smooth values between -1 and 1.",
    "LSM": "Liquid state machine: a reservoir (the liquid) of spiking neurons, closer to the brain's way.",
    "Spike": "A neuron's only message: a short pulse, all or nothing. Between spikes it sends nothing.",
    "Readout": "The part that learns: a weighted sum of the reservoir's states for each possible answer.",
    "Ridge": "How the readout is fitted: least squares with a penalty (alpha) on large weights, solved in "
    "one step. A larger alpha gives a smoother, more cautious readout.",
    "GCV": "Generalised cross-validation: an estimate, from the training data alone, of the squared error "
    "on new data.",
    "Ensemble": "Several reservoirs with different random connections, whose sums are averaged.",
    "Seed": "The number that starts the random generator. Other seeds give other random networks; the spread "
    "over seeds shows how much luck is in a result.",
    "Floor": "A simple method without a reservoir. Only what is clearly above the floor is worth its cost.",
    "Control": "The same method with one ingredient taken away, which shows what this ingredient does.",
    "Confusion matrix": "A table of who was taken for whom. The diagonal holds the right answers.",
    "Synaptic operation": "One use of one connection: an addition when a spike arrives, or a multiplication "
    "and an addition for a smooth value.",
}
