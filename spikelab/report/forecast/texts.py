"""Fixed words of the page: the tasks, the steps of the method and the glossary."""

from __future__ import annotations

__all__ = ["LEAD", "METHOD", "STEPS", "TASKS", "WORDS"]

LEAD = (
    "Some series look random and follow a simple law. A method that has only seen a stretch of such a series "
    "must say how it goes on, or, in the first task, what a hidden filter makes of a random input. All "
    "series here are made by published formulas, so that anyone can make the same ones."
)

TASKS = {
    "narma10": (
        "A random input runs through a hidden filter whose output depends on the last ten inputs and on "
        "products of them. The model sees the input alone and must give the output. Its error is the root "
        "mean square over {tested} new steps, relative to the standard deviation of the output: 1 is as bad "
        "as always saying the mean. It learnt from {train} steps."
    ),
    "mackey-glass": (
        "A model of blood cells that feeds back with a delay of 17: almost periodic, never repeating. The "
        "model learnt {train} steps. From each of {starts} later starts it sees the {known} steps before, "
        "then continues alone, each forecast being its next input. The figure is the error after 84 steps, "
        "relative to the standard deviation of the series."
    ),
    "lorenz63": (
        "Three variables of a convecting fluid, the first chaotic system that was described. Neighbouring "
        "states move apart by a factor e in each Lyapunov time, so that any small error grows until the "
        "forecast is worthless. The model learnt {train} steps; from each of {starts} later starts it "
        "continues alone. The figure is how long the error stays below {valid_threshold} of the spread of "
        "the series, in Lyapunov times (exponent {lyapunov_exponent}): more is better."
    ),
}

METHOD = (
    "Nothing here is trained by backpropagation. A fixed random network turns the series into many different "
    "echoes of itself; only the last step, a weighted sum, is fitted, by solving one system of equations."
)

STEPS = (
    ("The known part", "The values of the series up to now, one at a time.", False),
    (
        "A reservoir",
        "They drive a random network. Its connections are drawn once and never changed, but it remembers: "
        "each state mixes the present value with the ones before.",
        False,
    ),
    (
        "A readout",
        "A weighted sum of the states says what comes next. These weights are all that is learned.",
        True,
    ),
    (
        "On its own",
        "The forecast is fed back as if it were the next value, as often as wanted. Small errors are fed "
        "back too, and grow.",
        False,
    ),
)

WORDS = {
    "Reservoir": "A network of many simple units with random, fixed connections and loops. It is not "
    "trained; it turns a signal into many different mixtures of its present and its past.",
    "ESN": "Echo state network: a reservoir whose units hold smooth values between -1 and 1.",
    "Readout": "The part that learns: a weighted sum of the reservoir's states.",
    "Ridge": "How the readout is fitted: least squares with a penalty on large weights, solved in one step.",
    "NRMSE": "Normalised root mean square error: the typical error, divided by the standard deviation of "
    "what is to be predicted. 0 is perfect, 1 is as bad as always saying the mean.",
    "Chaos": "Motion that follows a law exactly and cannot be foretold for long, since the smallest "
    "difference grows.",
    "Lyapunov time": "The time in which a small difference grows by a factor e, about 2.7.",
    "Valid time": "How long a forecast stays close to the truth, before its error passes a stated share of "
    "the spread of the series.",
    "Floor": "A simple method without a reservoir. Only what is clearly better than the floor is worth its "
    "cost.",
    "Control": "The same kind of network with one ingredient taken away, here the memory. It was tuned on "
    "its own.",
    "Tapped delays": "The last values of the input as they are, one beside another.",
    "Seed": "The number that starts the random generator. Other seeds give other random networks and other "
    "series; the spread over seeds shows how much luck is in a result.",
    "Synaptic operation": "One use of one connection: a multiplication and an addition.",
}
