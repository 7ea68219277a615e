"""Neuron records: what they refuse, their constants for a step, and models of the user's own."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import math
import pickle

import mpmath
import numpy as np
import pytest

import spikelab as sl
from spikelab.language import exp, tanh, where
from spikelab.neurons.propagators import current_gain, decay_factor, drive_gain
from spikelab_kernels.ir.errors import ModelError

RAGGED = [[1.0], [1.0, 2.0]]
UNIT = {"ms": " ms", "pf": " pF"}

#: Every number that a built-in record takes, and what it must be.
NUMBERS = {
    (sl.LIF, "tau_mem_ms"): "> 0 ms", (sl.LIF, "c_mem_pf"): "> 0 pF", (sl.LIF, "tau_ref_ms"): ">= 0 ms",
    (sl.LIF, "v_rest_mv"): "", (sl.LIF, "v_reset_mv"): "", (sl.LIF, "v_thresh_mv"): "",
    (sl.LIF, "i_ext_pa"): "", (sl.LIF, "tau_syn_exc_ms"): "> 0 ms", (sl.LIF, "tau_syn_inh_ms"): "> 0 ms",
    (sl.LIF, "v_init_mv"): "", (sl.UnitlessLIF, "beta"): r"\[0, 1\]", (sl.UnitlessLIF, "threshold"): "> 0",
    (sl.LeakyIntegrator, "tau_mem_ms"): "> 0 ms", (sl.LeakyTanh, "leak_rate"): "> 0",
    (sl.LeakyTanh, "bias"): "",
}  # fmt: skip


def name_of(cls):
    return "LIF.unitless" if cls is sl.UnitlessLIF else cls.__name__


@pytest.mark.parametrize(("cls", "field"), NUMBERS)
def test_parameters_are_numbers_or_rows_of_numbers(cls, field):
    owner = rf"(LIF\.unitless|{cls.__name__})"
    for bad, text in [
        (True, "be a real number"),
        ("10", "be a real number"),
        (1j, "be a real number"),
        (object(), "be a real number"),
        (10**400, "be a real number"),
        (RAGGED, "hold real numbers in a regular shape"),
        (["a", "b"], "hold real numbers in a regular shape"),
        (np.array([1.0, None]), "hold real numbers in a regular shape"),
        ([], "have a value"),
        ([[0.5, 0.5]], r"be a scalar or an array \[neuron\], not of shape \(1, 2\)"),
        (math.nan, "be finite"),
        (math.inf, "be finite"),
    ]:
        with pytest.raises(sl.ParameterError, match=rf"^{owner}\({field}=.*\): {field} must {text}"):
            cls(**{field: bad})
    with pytest.raises(sl.ParameterError, match=rf"{field}\[1\] must be finite"):
        cls(**{field: [0.5, math.nan]})
    if field != "v_init_mv":
        with pytest.raises(sl.ParameterError, match=rf"{field} must be a real number"):
            cls(**{field: None})


@pytest.mark.parametrize(("cls", "field"), [key for key, need in NUMBERS.items() if need])
def test_parameters_lie_where_the_equations_hold(cls, field):
    need = NUMBERS[cls, field]
    bad = -0.5 if need.startswith((">=", r"\[")) else 0.0
    with pytest.raises(sl.ParameterError, match=rf"^{name_of(cls)}\({field}={bad}\): {field} must .*{need}"):
        cls(**{field: bad})
    with pytest.raises(sl.ParameterError, match=rf"{field}.* must .*{need}"):
        cls(**{field: np.array([0.5, -0.5])})


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: sl.LIF(tau_mem_ms=-1.0), r"LIF\(tau_mem_ms=-1\.0\): .* > 0 ms\. Cortical cells are near"),
        (lambda: sl.LIF(synapse="beta"), r"LIF\(synapse='beta'\): synapse must be one of 'delta', 'exp'"),
        (lambda: sl.LIF(synapse=np.array(["exp", "exp"])), "synapse must be one of 'delta', 'exp'"),
        (lambda: sl.LIF(threshold="=="), "threshold must be '>=' or '>'"),
        (lambda: sl.LIF(tau_m=10.0), r"Did you mean .*tau_mem_ms.*\? NEST's names go to spikelab.from_nest"),
        (lambda: sl.LIF(v_reset_mv=-55.0), r"must lie below v_thresh_mv=-55\.0\. .* fire for ever"),
        (lambda: sl.LIF(v_thresh_mv=[-50.0, -80.0]), r"v_reset_mv\[1\]=-70.0.* below v_thresh_mv=-80.0"),
        (lambda: sl.LIF(tau_mem_ms=[1.0, 2.0], i_ext_pa=[1.0] * 3), "i_ext_pa must have 2 values as"),
        (lambda: sl.LIF.unitless(beta=1.5), r"LIF\.unitless\(beta=1\.5\): beta must lie in \[0, 1\]"),
        (lambda: sl.LIF.unitless(reset="none"), "reset must be 'subtract' or 'zero'"),
        (lambda: sl.LIF.unitless(reset_delay=2), "reset_delay must be 0 or 1 steps"),
        (lambda: sl.LIF.unitless(reset_delay=True), "reset_delay must be an integer >= 0"),
        (lambda: sl.LIF.unitless(inclusive=1), "inclusive must be True or False"),
        (lambda: sl.LeakyTanh(leak_rate=[0.5, 1.5]), r"leak_rate must lie in \(0, 1\]"),
        (lambda: sl.LIF().source("c"), r"LIF\.source\(form='c'\): form must be one of 'numba', 'numpy'"),
        (lambda: sl.LIF().source("numba", "f4"), "dtype must be 'float32' or 'float64'"),
        (lambda: sl.Network().add("p", 3, sl.LIF(i_ext_pa=[1.0, 2.0])), "value for each of the 3 neurons"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused(make, text):
    with pytest.raises(sl.ParameterError, match=text):
        make()


@pytest.mark.parametrize("cell", [sl.LIF(), sl.LIF.unitless(), sl.LeakyIntegrator(), sl.LeakyTanh()])
def test_records_are_frozen_plain_and_equal_by_content(cell):
    for field in dataclasses.fields(cell):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(cell, field.name, 1.0)
    assert cell == dataclasses.replace(cell) == pickle.loads(pickle.dumps(cell)) == copy.deepcopy(cell)
    with pytest.raises(TypeError):
        type(cell)(1.0)


def test_integers_lists_and_numpy_numbers_make_equal_records():
    assert sl.LIF(tau_mem_ms=10, v_rest_mv=np.float32(-70)) == sl.LIF(tau_mem_ms=np.int8(10))
    given = np.array([1.0, 2.0])
    cell = sl.LIF(i_ext_pa=given)
    given[0] = 5.0
    assert cell == sl.LIF(i_ext_pa=(1, 2)) and not cell.i_ext_pa.flags.writeable
    pandas = pytest.importorskip("pandas")
    assert cell == sl.LIF(i_ext_pa=pandas.Series([1, 2], index=[7, 9]))


def test_units_receptors_and_kinds():
    table = [
        (sl.LIF(), "mV", ("input",), "spiking", 0.1),
        (sl.LIF(synapse="exp"), "pA", ("exc", "inh"), "spiking", 0.1),
        (sl.LIF.unitless(), "", ("input",), "spiking", 1.0),
        (sl.LeakyIntegrator(), "", ("input",), "rate", 0.1),
        (sl.LeakyTanh(), "", ("input",), "rate", 1.0),
    ]
    for cell, unit, receptors, kind, dt_ms in table:
        assert (cell.weight_unit, cell.receptors, cell.kind, cell.default_dt_ms) == (
            unit,
            receptors,
            kind,
            dt_ms,
        )


@pytest.mark.parametrize(
    "tau_syn_ms", [10.0, 10.0 + 1e-9, 10.0 - 1e-6, 9.0, 2.0, 0.09, 1e-3, 1e-5, 1e-300, 50.0, 1e9]
)
@pytest.mark.parametrize("dt_ms", [0.1, 1.0])
def test_the_gain_of_a_current_is_exact_up_to_the_limit_of_equal_time_constants(tau_syn_ms, dt_ms):
    tau_m, tau_s, dt, c = (mpmath.mpf(x) for x in (10.0, tau_syn_ms, dt_ms, 250.0))
    with mpmath.workdps(60):
        if tau_m == tau_s:
            exact = dt / c * mpmath.exp(-dt / tau_m)
        else:
            exact = (
                tau_m * tau_s / (c * (tau_s - tau_m)) * (mpmath.exp(-dt / tau_s) - mpmath.exp(-dt / tau_m))
            )
    assert current_gain(10.0, tau_syn_ms, 250.0, dt_ms) == pytest.approx(float(exact), rel=4e-15)


def test_the_other_propagators_are_exact_and_take_arrays():
    taus = np.array([1e-3, 0.1, 10.0, 1e9])
    for tau, decay, gain in zip(taus, decay_factor(taus, 0.1), drive_gain(taus, 250.0, 0.1), strict=True):
        assert decay == pytest.approx(math.exp(-0.1 / tau), rel=1e-15)
        assert gain == pytest.approx(-tau / 250.0 * math.expm1(-0.1 / tau), rel=1e-15)
    mixed = current_gain(np.array([10.0, 10.0]), np.array([10.0, 1e-5]), 250.0, 0.1)
    assert mixed.tolist() == [float(current_gain(10.0, tau, 250.0, 0.1)) for tau in (10.0, 1e-5)]


@pytest.mark.parametrize(
    ("tau_ref_ms", "dt_ms", "steps"), [(0.0, 0.1, 0), (2.0, 0.1, 20), (2.0, 1.0, 2), (0.3, 0.1, 3)]
)
def test_refractory_steps(tau_ref_ms, dt_ms, steps):
    assert sl.LIF(tau_ref_ms=tau_ref_ms).prepare(dt_ms)["ref_steps"] == steps
    net = sl.Network()
    net.add("p", 1, sl.LIF(tau_ref_ms=tau_ref_ms, i_ext_pa=1e6))  # fires as soon as it may
    spikes = sl.Simulator(net, dt_ms).run(100 * dt_ms)["p"].spikes
    assert np.array_equal(np.diff(spikes.step), np.full(len(spikes) - 1, steps + 1))


def test_refractory_times_off_the_grid_are_rounded_with_a_warning():
    with pytest.warns(UserWarning, match=r"LIF\(tau_ref_ms=2.04\): .* rounded to 2 ms \(20 steps\)"):
        assert sl.LIF(tau_ref_ms=2.04).prepare(0.1)["ref_steps"] == 20
    assert sl.LIF(tau_ref_ms=[2.04, 2.06]).prepare(0.1)["ref_steps"].tolist() == [20, 21]


def unitless_by_hand(x, beta, threshold, reset, delay, inclusive):
    v, fired, potentials, spikes = 0.0, False, [], []
    for value in x:
        if delay and fired and reset == "zero":
            v = 0.0
        v = beta * v + value - (threshold if delay and fired and reset == "subtract" else 0.0)
        fired = v >= threshold if inclusive else v > threshold
        if fired and not delay:
            v = v - threshold if reset == "subtract" else 0.0
        potentials.append(v)
        spikes.append(fired)
    return potentials, spikes


@pytest.mark.parametrize("device", ["cpu", "reference"])
@pytest.mark.parametrize("reset", ["subtract", "zero"])
@pytest.mark.parametrize("delay", [0, 1])
@pytest.mark.parametrize("inclusive", [False, True])
def test_resets_by_hand(device, reset, delay, inclusive):
    x = [0.5, 0.75, 0.0, 0.25, 1.0, 2.5, 0.0, -1.0, 0.5, 0.875, 0.5, 1.0]  # exact in halves of beta
    net = sl.Network()
    cell = sl.LIF.unitless(beta=0.5, threshold=1.0, reset=reset, reset_delay=delay, inclusive=inclusive)
    net.connect(net.input("x", 1), net.add("p", 1, cell))
    sim = sl.Simulator(net, device=device, dtype="float64")
    result = sim.run(inputs={"x": np.reshape(x, (-1, 1, 1))}, record=sl.Record(traces=["v"]))["p"]
    potentials, spikes = unitless_by_hand(x, 0.5, 1.0, reset, delay, inclusive)
    assert result["v"].ravel().tolist() == potentials
    assert result.spikes.dense().ravel().tolist() == spikes


# ----------------------------------------------------------------- models of the user's own


@dataclasses.dataclass(frozen=True)
class AdaptiveParams:
    tau_mem_ms: float | np.ndarray = 20.0
    tau_adapt_ms: float = 100.0
    jump: float = 0.2
    start: float = 0.0
    hold: int = 2
    soft: bool = False


def adaptive_prepare(params, dt_ms):
    return {
        "decay": np.exp(-dt_ms / np.asarray(params.tau_mem_ms)),
        "slow": math.exp(-dt_ms / params.tau_adapt_ms),
    }


@sl.neuron(
    params=AdaptiveParams,
    state={"v": "start", "a": 0.0, "wait": 0},
    receptors=("drive", "shunt"),
    prepare=adaptive_prepare,
    weight_unit="mV",
)
def adaptive(s, p, inp, rng):
    """A neuron whose threshold rises with its spikes."""
    shunt = exp(-inp.shunt)
    v = where(s.wait > 0, s.v, p.decay * s.v * shunt + inp.drive)
    spiked = v > 1.0 + tanh(s.a)
    a = p.slow * s.a + where(spiked, p.jump, 0.0)
    wait = where(spiked, p.hold, where(s.wait > 0, s.wait - 1, 0))
    return s.next(v=where(spiked, where(p.soft, v - 1.0, 0.0), v), a=a, wait=wait), spiked


def run_adaptive(cell, device, dtype, steps=150):
    net = sl.Network(seed=3)
    pop, inp = net.add("p", 63, cell), net.input("x", 5, sl.PoissonEncoder(max_rate_hz=300.0))
    net.connect(inp, pop, sl.FixedProbability(0.7), weight=sl.Uniform(0.2, 0.9), receptor="drive")
    net.connect(pop, pop, sl.FixedIndegree(5), weight=0.3, receptor="shunt", delay_ms=2.0)
    x = np.random.default_rng(0).random((steps, 2, 5))
    sim = sl.Simulator(net, 1.0, batch=2, device=device, dtype=dtype)
    return sim.run(inputs={"x": x}, record=sl.Record(traces=["v", "a", "wait"]))["p"]


@pytest.mark.parametrize(("dtype", "soft"), [("float32", False), ("float64", True)])
def test_a_model_of_ones_own_makes_the_same_bits_on_both_devices(dtype, soft):
    cell = adaptive(tau_mem_ms=np.linspace(5.0, 40.0, 63), hold=3, soft=soft)
    one, two = (run_adaptive(cell, device, dtype) for device in ("cpu", "reference"))
    assert len(one.spikes) > 100
    for name in ("step", "batch", "neuron"):
        assert np.array_equal(getattr(one.spikes, name), getattr(two.spikes, name))
    for trace in ("v", "a", "wait"):
        assert one[trace].dtype == (np.dtype(dtype) if trace != "wait" else np.int32)
        assert one[trace].tobytes() == two[trace].tobytes()
    assert one["wait"].max() == 3


def test_a_model_of_ones_own_is_a_neuron_record():
    cell = adaptive(tau_mem_ms=10, hold=1)
    assert cell.receptors == ("drive", "shunt") and cell.weight_unit == "mV" and cell.kind == "spiking"
    assert repr(cell) == (
        "adaptive(tau_mem_ms=10.0, tau_adapt_ms=100.0, jump=0.2, start=0.0, hold=1, soft=False)"
    )
    assert cell == adaptive(tau_mem_ms=np.float32(10), hold=np.int16(1)) != adaptive()
    assert adaptive.__doc__ == "A neuron whose threshold rises with its spikes."
    assert copy.deepcopy(cell) == cell
    with pytest.raises(dataclasses.FrozenInstanceError):
        cell.params.hold = 3
    given = np.array([1.0, 2.0])
    frozen = adaptive(tau_mem_ms=given)
    given[0] = 9.0
    assert frozen.params.tau_mem_ms.tolist() == [1.0, 2.0]
    assert adaptive(start=[0.5, 0.25]).initial()["v"].tolist() == [0.5, 0.25]


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"tau": 3.0}, r"adaptive\(tau=3\.0\): tau must be one of the parameters tau_mem_ms, tau_adapt_ms"),
        ({"tau_mem_ms": "fast"}, r"adaptive\(tau_mem_ms='fast'\): tau_mem_ms must be a real number"),
        ({"tau_mem_ms": None}, "tau_mem_ms must be a real number"),
        ({"tau_mem_ms": True}, "tau_mem_ms must be a real number"),
        ({"tau_mem_ms": [1.0, math.nan]}, r"tau_mem_ms\[1\] must be finite"),
        ({"tau_mem_ms": RAGGED}, "tau_mem_ms must hold real numbers in a regular shape"),
        ({"tau_mem_ms": []}, r"tau_mem_ms must be a scalar or an array \[neuron\], not of shape \(0,\)"),
        ({"jump": math.inf}, "jump must be finite"),
        ({"hold": 1.5}, "hold must hold integers"),
        ({"hold": 2**40}, "hold must fit into 32 bits"),
        ({"soft": 1}, "soft must be True or False"),
        ({"soft": [True, False]}, "soft must be True or False"),
    ],
)
def test_bad_parameters_of_a_model_of_ones_own(parameters, text):
    with pytest.raises(sl.ParameterError, match=text):
        adaptive(**parameters)


def test_arrays_of_another_size_are_refused_by_the_network():
    with pytest.raises(
        sl.ParameterError, match=r"adaptive\(tau_mem_ms=.*one value for each of the 3 neurons"
    ):
        sl.Network().add("p", 3, adaptive(tau_mem_ms=[1.0, 2.0]))


@dataclasses.dataclass(frozen=True)
class Tau:
    tau_mem_ms: float
    gain: float = 1.0


@dataclasses.dataclass
class Thawed:
    gain: float = 1.0


@dataclasses.dataclass(frozen=True)
class Clock:
    dt_ms: float = 1.0


def plain(s, p, inp, rng):
    return s.next(v=p.gain * s.v + inp.input), s.v > 1.0


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"params": {"gain": 1.0}},
            r"neuron\(params=.*be a frozen dataclass\. Write @dataclass\(frozen=True\)",
        ),
        ({"params": Thawed}, "params must be a frozen dataclass"),
        ({"params": Tau(1.0)}, "params must be a frozen dataclass"),
        ({"params": Clock}, r"params must have no field dt_ms\. p\.dt_ms is the time step"),
        ({"state": {}}, "state must map at least one name"),
        ({"state": ["v"]}, "state must map at least one name"),
        (
            {"state": {"v": "height"}},
            r"state\[v\] must be a number or name one of the parameters tau_mem_ms, gain",
        ),
        ({"state": {"v": [1.0]}}, r"state\[v\] must be a number or name"),
        ({"state": {"v": math.nan}}, r"state\[v\] must be a number or name"),
        ({"state": {"2v": 0.0}}, r"neuron\(state='2v'\): state must be a name that can stand after a dot"),
        ({"receptors": "input"}, r"receptors must be a tuple of names\. Write receptors=\('input',\)"),
        ({"receptors": None}, "receptors must be a tuple of names"),
        ({"receptors": ("input", "input")}, "receptors must name each receptor once"),
        ({"receptors": ("in put",)}, "receptors must be a name that can stand after a dot"),
        ({"prepare": 3}, "prepare must be a function of the parameters and dt_ms"),
        ({"output": "u"}, "output must be one of the states v"),
        ({"output": None}, "output must be a str"),
        ({"weight_unit": 3}, "weight_unit must be a str"),
    ],
)
def test_bad_declarations_of_a_model_are_refused(changes, text):
    declared = {"params": Tau, "state": {"v": 0.0}, **changes}
    with pytest.raises(sl.ParameterError, match=text):
        sl.neuron(**declared)(plain)


@pytest.mark.parametrize("step", [None, 3, len, Tau, "step"], ids=repr)
def test_a_step_is_a_function(step):
    with pytest.raises(sl.ParameterError, match=r"neuron\(step=.*step must be a function"):
        sl.neuron(params=Tau, state={"v": 0.0})(step)


def test_parameters_without_a_default_are_asked_for():
    model = sl.neuron(params=Tau, state={"v": 0.0})(plain)
    with pytest.raises(sl.ParameterError, match=r"plain\(tau_mem_ms=None\): tau_mem_ms must be given"):
        model()
    assert model(tau_mem_ms=3).params == Tau(3.0)


@pytest.mark.parametrize("made", [3, None, [("z", 1.0)], {1: 2.0}], ids=repr)
def test_prepare_returns_names_and_numbers(made):
    model = sl.neuron(params=Tau, state={"v": 0.0}, prepare=lambda params, dt_ms: made)(plain)
    with pytest.raises(sl.ParameterError, match="prepare must return a dict of names and numbers"):
        model(tau_mem_ms=1.0)


@pytest.mark.parametrize("made", [[1.0], [1.0, 2.0, 3.0, 4.0], [[1.0] * 3]], ids=repr)
def test_prepared_arrays_fit_the_population(made):
    model = sl.neuron(params=Tau, state={"v": 0.0}, prepare=lambda params, dt_ms: {"z": np.array(made)})(
        plain
    )
    net = sl.Network()
    net.add("p", 3, model(tau_mem_ms=1.0))
    if made == [1.0]:
        sl.Simulator(net)
        return
    with pytest.raises(sl.ParameterError, match=r"population 'p'\(z=.*one value for each of the 3 neurons"):
        sl.Simulator(net)


def place(function, text):
    """Line and column (from 1) at which `text` first stands in the source of `function`."""
    lines, first = inspect.getsourcelines(function)
    for number, line in enumerate(lines):
        if text in line:
            return first + number, line.index(text) + 1
    raise AssertionError(text)


def looped(s, p, inp, rng):
    v = s.v
    for _ in range(p.gain):
        v = p.gain * v
    return s.next(v=v), v > 1.0


def spinning(s, p, inp, rng):
    v = s.v
    while v > 1.0:
        v = v - 1.0
    return s.next(v=v), v > 0.5


OUTSIDE = 3.0


def closed(s, p, inp, rng):
    return s.next(v=OUTSIDE * s.v), s.v > 1.0


def undeclared(s, p, inp, rng):
    v = p.gain * s.v + inp.inptu
    return s.next(v=v), v > 1.0


@pytest.mark.parametrize(
    ("step", "at", "text"),
    [
        (looped, "for _", r"looped: the only loop is 'for i in range\(K\)' with a literal K"),
        (spinning, "while v", r"spinning: while loops are not in the language of models"),
        (closed, "OUTSIDE", r"closed: .*OUTSIDE"),
        (undeclared, "inp.inptu", r"undeclared: inp\.inptu is not declared\. Declared: input"),
    ],
)
def test_what_the_language_lacks_is_pointed_at(step, at, text):
    with pytest.raises(ModelError, match=text) as caught:
        sl.neuron(params=Tau, state={"v": 0.0})(step)(tau_mem_ms=1.0)
    assert (caught.value.lineno, caught.value.offset) == place(step, at)
    assert caught.value.filename == __file__ and at in caught.value.text


def test_a_closure_is_pointed_at():
    factor = 2.0

    def step(s, p, inp, rng):
        return s.next(v=factor * s.v), s.v > 1.0

    with pytest.raises(ModelError, match=r"step: .*factor") as caught:
        sl.neuron(params=Thawless, state={"v": 0.0})(step)
    assert (caught.value.lineno, caught.value.offset) == place(step, "factor")


@dataclasses.dataclass(frozen=True)
class Thawless:
    gain: float = 1.0


def test_a_fault_is_found_where_the_model_is_written_when_all_parameters_have_defaults():
    with pytest.raises(ModelError, match=r"inp\.inptu is not declared"):
        sl.neuron(params=Thawless, state={"v": 0.0})(undeclared)
