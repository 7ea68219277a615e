"""Fixed words of the page: the steps of the method and the glossary."""

from __future__ import annotations

__all__ = ["LEADS", "STEPS", "WORDS"]

LEADS = {
    "demo": "A minute or less of a heart beat. From its first half each method learns what is usual; in the "
    "second half it has to say, point by point and with no look ahead, what is not.",
    "ecg": "Half an hour of heart beats of each of three people. From the first five minutes each method "
    "learns what is usual; in the rest it has to find the abnormal beats, with no look ahead.",
    "nab": "Measurements of servers, traffic, temperatures and messages, with things that went wrong marked "
    "by people. From the start of each series (15 % of it) a method learns what is usual; then it has to "
    "raise an alarm early in each marked stretch, and nowhere else.",
    "ucr": "Long regular series, with one anomaly each, some too small to see. From a normal part each "
    "method learns what is usual; then it has to point at the place.",
    "smap": "Telemetry of a satellite and a Mars rover. From a normal part of each channel a method learns "
    "what is usual; then it has to find the stretches that engineers marked, with few false alarms.",
    "csv": "Your series. From its start, which is taken as normal, each method learns what is usual; in the "
    "rest it says, point by point and with no look ahead, what is not.",
}

STEPS = (
    (
        "A normal part",
        "The start of the series is taken as normal. Nobody says what an anomaly looks like.",
        False,
    ),
    (
        "A reservoir",
        "The series drives a random network. Its connections are drawn once and never changed, but it "
        "remembers: its state mixes the present point with the ones before.",
        False,
    ),
    (
        "A forecast",
        "A weighted sum of the state forecasts the next point. These weights are all that is learned, by "
        "solving one system of equations on the normal part.",
        True,
    ),
    (
        "A score",
        "Where the forecast fails more than it used to, something is unusual. How much more is the score; "
        "above a threshold it is an alarm.",
        False,
    ),
)

WORDS = {
    "Anomaly": "A stretch of a series that is not as usual: a fault, an abnormal heart beat, a strange day.",
    "Score": "How unusual a point is, the higher the stranger; made of this point and earlier ones only.",
    "Threshold": "The score from which on an alarm is raised.",
    "Refractory": "Silence after an alarm, so that one event raises one alarm and not hundreds.",
    "Residual": "What a forecast missed by: the value less its forecast.",
    "AUROC": "The chance that an abnormal point has a higher score than a normal one: 1 is perfect, 0.5 is "
    "guessing.",
    "AUPRC": "How many of the points with the highest scores are abnormal, averaged: 1 is perfect; guessing "
    "gives the share of abnormal points, which is often small.",
    "Event": "One marked stretch. It is found if an alarm falls into it.",
    "F1": "One figure of two, the share of alarms that are right and the share of events found: high only if "
    "both are.",
    "NAB score": "The score of the Numenta Anomaly Benchmark: 100 if each marked stretch raises an alarm at "
    "its very start and nothing else does, 0 for a method that never speaks. Early alarms earn more.",
    "Located": "The highest score of a series lies within 100 points of its anomaly.",
    "Label-free": "Without a look at what people marked.",
    "ESN": "Echo state network: a reservoir whose units hold smooth values between -1 and 1.",
    "Reservoir": "A network of many simple units with random, fixed connections and loops. It is not "
    "trained; it turns a signal into many different mixtures of its present and its past.",
    "Floor": "A simple method without a reservoir. Only what is clearly above the floor is worth its cost.",
    "Control": "The same method with one ingredient taken away, which shows what this ingredient does.",
    "Matrix profile": "For each stretch, how unlike it is to the most similar stretch before it.",
    "Seed": "The number that starts the random generator. Other seeds give other random networks; the spread "
    "over seeds shows how much luck is in a result.",
    "Wilcoxon p": "How often a difference over the series this one-sided would arise by chance; below 0.05 "
    "is called more than chance here.",
}
