"""Source of the Numba module of one rule: its operations in the frames of ``plasticity_frame``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from spikelab_kernels.cpu.plasticity_frame import (
    CATCH,
    FIND,
    FIND_MORE,
    FIND_MORE_VIEWED,
    FIND_VIEWED,
    MODULE,
    PASS,
    SCRATCH,
)
from spikelab_kernels.cpu.plasticity_prune import prune_arguments
from spikelab_kernels.ir.declare import Trace
from spikelab_kernels.ir.numba_printer import print_operations
from spikelab_kernels.ir.types import Program
from spikelab_kernels.plasticity_spec import PlasticitySpec

__all__ = ["module_text", "signature"]

_ENTRIES = ("catch_up", "step", "send_before", "learn")


def module_text(spec: PlasticitySpec) -> str:
    """Source of the kernel module of `spec`, before its imports are flattened."""
    names, types = signature(spec)
    real, programs = spec.dtype, spec.programs
    befores = [f"n_{name} = {_faded(trace, f'x_{name}[cell]', real)}" for name, trace in spec.pre.items()]
    listed = [f"n_{name} = {_faded(trace, f'y_{name}[0, j]', real)}" for name, trace in spec.post.items()]
    text = MODULE.format(
        title=f"{spec.rule.name} {spec.dtype}",
        real=real,
        sums_type=spec.sum_dtype,
        sum=f"np.{spec.sum_dtype}",
        types=", ".join(types),
        common=", ".join(names),
        line=16 if real == "float32" else 8,
        looks=_given(_looks(spec)),
        make_looks=_indented(
            [f"{name} = np.empty(post_step.shape[1], np.{real})" for name in _looks(spec)], 1
        ),
        look_before_visits=_indented(_look_whole(spec, "on_pre"), 3),
        look_before_step=_indented(_look_whole(spec, "on_step"), 1),
        whole="False" if spec.viewed else "edges >= post_step.shape[1]",
        sent=_makes_quanta(spec),
        scratch=SCRATCH,
        catch_block="" if programs.on_post is None else _catch_block(spec, programs.on_post),
        pre_block="" if programs.on_pre is None else _pass_block(spec, "on_pre", programs.on_pre),
        step_block="" if programs.on_step is None else _pass_block(spec, "on_step", programs.on_step),
        befores=_indented(befores, 1),
        keep_befores=_indented([f"x_{name}[cell] = n_{name}" for name in spec.pre], 1),
        visit=_indented(_visit(spec), 2),
        catch_cell=_indented(_catch(spec, "since", "until", "last", "x_{name}[cell]"), 2),
        step=_indented(_step(spec), 2),
        list_befores=_indented(listed, 1),
        shift=_indented([f"y_{name}[slot, j] = y_{name}[slot - 1, j]" for name in _kept_of_post(spec)], 2),
        list_keep=_indented([f"y_{name}[0, j] = n_{name}" for name in spec.post], 1),
        sends="cell_delay[cell] != 0" if spec.delay_kind != "axonal" else "False",
        prompt=spec.prompt,
    )
    return prune_arguments(text, names, _ENTRIES)


def signature(spec: PlasticitySpec) -> tuple[list[str], list[str]]:
    """Names and Numba types of the arrays and numbers that all functions take."""
    row, table = f"{spec.dtype}[::1]", f"{spec.dtype}[:, ::1]"
    entries = {"cell_source": "uint32[::1]", "cell_delay": "uint16[::1]", "cell_edge": "uint32[::1]"}
    entries |= {"target": "uint16[::1]", "w": row}
    entries |= {f"s_{name}": row for name in spec.rule.state}
    entries |= dict.fromkeys(("edge_last", "cell_last", "cell_done"), "int32[::1]")
    entries |= {f"x_{name}": row for name in spec.pre}
    entries |= {"post_step": "int32[:, ::1]"}
    entries |= {f"y_{name}": table for name in spec.post}
    entries |= {f"hx_{name}": table for name in spec.pre_seen}
    entries |= {f"hy_{name}": table for name in spec.post_seen}
    for tau in spec.taus:
        entries |= {f"low_{tau}": row, f"high_{tau}": row}
    entries |= {f"c_{name}": spec.dtype for name in spec.constants}
    entries |= {"w_min": spec.dtype, "w_max": spec.dtype}
    return list(entries), list(entries.values())


def _indented(lines: list[str], depth: int) -> str:
    return "\n".join("    " * depth + line for line in lines or ["pass"])


def _raised(trace: Trace, before: str, real: str) -> str:
    return f"np.{real}({before} + np.{real}(1.0))" if trace.raised == "add" else f"np.{real}(1.0)"


def _faded(trace: Trace, before: str, real: str) -> str:
    """A trace `n` steps after its last event."""
    return f"faded({_raised(trace, before, real)}, n, low_{trace.tau}, high_{trace.tau})"


def _common(spec: PlasticitySpec) -> str:
    return ", ".join(signature(spec)[0])


def _given(names: list[str]) -> str:
    return "".join(f"{name}, " for name in names)


def _looks(spec: PlasticitySpec) -> list[str]:
    """Arrays [neuron] of what ``on_pre`` and ``on_step`` read of the targets in a step."""
    return [*(f"l_{name}" for name in spec.post), *(["l_spike"] if _reads_spike(spec) else [])]


def _reads_spike(spec: PlasticitySpec) -> bool:
    program = spec.programs.on_step
    return program is not None and "spike" in program.used("post")


def _look_whole(spec: PlasticitySpec, name: str) -> list[str]:
    """A call that fills these arrays for all neurons."""
    if getattr(spec.programs, name) is None or spec.viewed:
        return []
    return [f"{name}_look_whole(now, {_given(_looks(spec))}{_common(spec)})"]


def _heads(spec: PlasticitySpec) -> bool:
    """Whether the newest spike of a target is handled in the loop of ``on_pre``."""
    both = spec.programs.on_pre is not None and spec.programs.on_post is not None
    return both and spec.coincident == "ignore" and not spec.viewed


def _makes_quanta(spec: PlasticitySpec) -> bool:
    """Whether the loop of ``on_pre`` leaves the weights as they are sent."""
    return spec.programs.on_pre is not None and spec.coincident == "ignore"


def _catch(spec: PlasticitySpec, since: str, until: str, last: str, before: str, head: int = 0) -> list[str]:
    """A call of ``catch_block``; `before` says where a trace of the source stood at the step `last`."""
    if spec.programs.on_post is None:
        return []
    given = _given([_raised(trace, before.format(name=name), spec.dtype) for name, trace in spec.pre.items()])
    events = f"np.uint64({head}), first, count, {since}, {until}, {last}, delay, cell"
    return [f"catch_block({events}, lists, later, sizes, {given}{_common(spec)})"]


def _visit(spec: PlasticitySpec) -> list[str]:
    """What a block of edges does when a spike passes."""
    include, ignore = spec.coincident == "include", spec.coincident == "ignore"
    head = int(_heads(spec))
    lines = _catch(spec, "since", "now" if ignore else "now - 1", "last", "x_{name}[cell]", head)
    if spec.programs.on_pre is not None:
        looks = _given(_looks(spec))
        lines += ["if not whole:", f"    on_pre_look(first, count, now, delay, {looks}{_common(spec)})"]
        values = {
            name: _raised(trace, f"n_{name}", spec.dtype) if include else f"n_{name}"
            for name, trace in spec.pre.items()
        }
        given = _given([*values.values(), *_seen_of_source(spec, "now")])
        if head:
            old = [_raised(trace, f"x_{name}[cell]", spec.dtype) for name, trace in spec.pre.items()]
            given += _given(["since", "last", *old])
        given += "scale, quanta, " * _makes_quanta(spec)
        lines.append(f"on_pre_block(first, count, now, delay, cell, {given}{looks}{_common(spec)})")
        if _makes_quanta(spec):
            lines += ["if sending:", "    add_quanta(first, count, target, row, quanta)"]
    if not ignore:
        lines += _catch(spec, "now - 1", "now", "now", "n_{name}")
    return lines


def _step(spec: PlasticitySpec) -> list[str]:
    """What a cell does in ``step``."""
    if spec.programs.on_step is None:
        return []
    lines = []
    for name, trace in spec.pre.items():
        faded = _faded(trace, f"x_{name}[cell]", spec.dtype)
        ignore = spec.coincident == "ignore"
        lines.append(f"p_{name} = {f'x_{name}[cell] if n == 0 else ' * ignore}{faded}")
    lines.append(f"spike = np.{spec.dtype}(1.0) if n == 0 else np.{spec.dtype}(0.0)")
    values = [*(f"p_{name}" for name in spec.pre), *_seen_of_source(spec, "now")]
    given = _given([*values, "spike", *(f"third[{k}]" for k in range(len(spec.third)))])
    looks = _given(_looks(spec))
    return [
        *lines,
        "while first < last_edge:",
        "    count = min(last_edge - first, PLASTICITY_BLOCK)",
        *([f"    on_step_look(first, count, now, delay, {looks}{_common(spec)})"] if spec.viewed else []),
        f"    on_step_block(first, count, now, delay, cell, {given}{looks}{_common(spec)})",
        "    first += count",
    ]


def _seen_of_source(spec: PlasticitySpec, now: str) -> list[str]:
    """Values of the history of the source at the step `now` of the synapse."""
    when = f"{now} - delay" if spec.delay_kind == "axonal" else now
    rows = {name: f"np.uint64({when}{_behind(spec, spec.rule.pre, name)})" for name in spec.pre_seen}
    return [
        f"hx_{name}[{row} & np.uint64(hx_{name}.shape[0] - 1), cell_source[cell]]"
        for name, row in rows.items()
    ]


def _seen_of_target(spec: PlasticitySpec, name: str) -> str:
    when = "now - delay" if spec.delay_kind == "dendritic" else "now"
    row = f"np.uint64({when}{_behind(spec, spec.rule.post, name)}) & np.uint64(hy_{name}.shape[0] - 1)"
    return f"hy_{name}[{row}, j]"


def _behind(spec: PlasticitySpec, declared: Mapping[str, Trace], name: str) -> str:
    """A filter is read as it stood before the step, where the traces of spikes are."""
    return " - 1" if name in declared and spec.coincident != "include" else ""


def _slices(spec: PlasticitySpec) -> str:
    lines = [f"ss_{name} = s_{name}[first : first + count]" for name in spec.rule.state]
    if spec.fading:
        lines.append("lasts = edge_last[first : first + count]")
    return _indented(lines, 1)


def _catch_block(spec: PlasticitySpec, program: Program) -> str:
    """The function that handles spikes of the targets of a block of edges."""
    listed = spec.viewed or spec.coincident != "ignore"
    leaves = _leaves_of_post(spec)
    return CATCH.format(
        given=_given([f"r_{name}" for name in spec.pre]),
        common=_common(spec),
        slices=_slices(spec),
        view=" - delay" * spec.viewed,
        back=" + delay" * spec.viewed,
        find=FIND_VIEWED if listed else FIND,
        find_more=FIND_MORE_VIEWED if listed else FIND_MORE,
        slot=" + np.uint64(later[i])" * listed,
        update=_indented(_update(spec, program, leaves), 3),
    )


def _kept_of_post(spec: PlasticitySpec) -> list[str]:
    """Traces of the targets that somebody reads as they stood at an earlier spike."""
    program = spec.programs.on_post
    read = set() if program is None else program.used("post")
    return [name for name in spec.post if spec.viewed or name in read]


def _leaves_of_post(spec: PlasticitySpec) -> dict[tuple[str, str], str]:
    """What ``on_post`` reads, `n` steps after the last spike of the source; `slot` has that of the target."""
    leaves = {}
    for name, trace in spec.pre.items():
        leaves["pre", name] = f"faded(r_{name}, n, low_{trace.tau}, high_{trace.tau})"
    for name, trace in spec.post.items():
        before = f"y_{name}[slot, j]"
        leaves["post", name] = _raised(trace, before, spec.dtype) if spec.coincident == "include" else before
    seen = zip(spec.pre_seen, _seen_of_source(spec, "now"), strict=True)
    return leaves | {("pre", name): value for name, value in seen}


def _pass_block(spec: PlasticitySpec, name: str, program: Program) -> str:
    """The function that runs ``on_pre`` or ``on_step`` on a block of edges."""
    real, stepped = spec.dtype, name == "on_step"
    raised = spec.coincident == "include" or (spec.coincident == "pre_first" and stepped)
    given = [f"p_{key}" for key in (*spec.pre, *spec.pre_seen)]
    if stepped:
        given += ["p_spike", *(f"t_{key}" for key in spec.third)]
    leaves = {("pre", key): f"p_{key}" for key in (*spec.pre, *spec.pre_seen, "spike")}
    leaves |= {("third", key): f"t_{key}" for key in spec.third}
    looks = {("post", key): f"l_{key}[j]" for key in (*spec.post, "spike")}
    before, heads = [], []
    if not stepped and _heads(spec):
        given += ["since", "last", *(f"r_{key}" for key in spec.pre)]
        heads = ["newest, limit = post_step[0], np.int32(since)"]
        before = _head(spec)
    update = _update(spec, program, {**leaves, **looks}, before)
    if not stepped and _makes_quanta(spec):
        given += ["scale", "quanta"]
        heads.append("qs = quanta[:count]")
        update.append(f"qs[i] = np.{spec.sum_dtype}(np.rint(v_w * scale))")
    shown = []
    for key, trace in spec.post.items():
        after = _faded(trace, f"y_{key}[slot, j]", real)
        shown.append(after if raised else f"select(n == 0, y_{key}[slot, j], {after})")
    if _reads_spike(spec):
        shown.append(f"select(n == 0, np.{real}(1.0), np.{real}(0.0))")
    return PASS.format(
        name=name,
        given=_given(given),
        looks=_given(_looks(spec)),
        common=_common(spec),
        slices=_slices(spec),
        heads=_indented(heads, 1),
        view=" - delay" * spec.viewed,
        slot="slot_of(post_step, j, view)" if spec.viewed else "np.uint64(0)",
        look=_indented(
            [f"{place}[j] = {value}" for place, value in zip(_looks(spec), shown, strict=True)], 2
        ),
        update=_indented(update, 2),
    )


def _update(
    spec: PlasticitySpec, program: Program, leaves: Mapping[tuple[str, str], str], before: Sequence[str] = ()
) -> list[str]:
    """Lines that run one function on edge `i` of a block at the step `now` of the synapse.

    The lines `before` come between reading and running.
    """
    places = {"w": "ws[i]"} | {name: f"ss_{name}[i]" for name in spec.rule.state}
    lines = [f"v_{name} = {place}" for name, place in places.items()]
    if spec.fading:
        lines.append("then = np.int64(lasts[i])")
    lines += [*before, *_moved(spec, program, leaves, "now")]
    programs = [program, spec.programs.on_post] if before else [program]
    changed = {name for one in programs if one is not None for name in one.next_state} | {*spec.fading}
    lines += [f"{place} = v_{name}" for name, place in places.items() if name in changed]
    return [*lines, "lasts[i] = then"] if spec.fading else lines


def _moved(
    spec: PlasticitySpec, program: Program, leaves: Mapping[tuple[str, str], str], now: str
) -> list[str]:
    """Lines that run one function at the step `now` on the values ``v_...`` of a synapse."""
    leaves = dict(leaves)
    leaves |= {("state", name): f"v_{name}" for name in ("w", *spec.rule.state)}
    leaves |= {("constant", name): f"c_{name}" for name in spec.constants}
    leaves |= {("post", name): _seen_of_target(spec, name) for name in spec.post_seen}
    lines = [
        f"v_{name} = faded(v_{name}, {now} - then, low_{tau}, high_{tau})"
        for name, tau in spec.fading.items()
    ]
    lines += [*([f"then = {now}"] if spec.fading else []), *print_operations(program, leaves, "")]
    new = {name: f"x{place}" for name, place in program.next_state.items()}
    if "w" in new:
        new["w"] = f"select({new['w']} > w_max, w_max, select({new['w']} < w_min, w_min, {new['w']}))"
    return [*lines, *(f"v_{name} = {value}" for name, value in new.items())]


def _head(spec: PlasticitySpec) -> list[str]:
    """Lines that handle the newest spike of the target of edge `i`, where it has not been handled."""
    program = spec.programs.on_post
    assert program is not None
    kept = {f"v_{name}": f"o_{name}" for name in ("w", *spec.rule.state)}
    kept |= {"then": "o_then"} if spec.fading else {}
    lines = ["fired = np.int64(newest[j])", "n, slot = fired - last, np.uint64(0)"]
    lines += [f"{old} = {name}" for name, old in kept.items()]
    lines += _moved(spec, program, _leaves_of_post(spec), "fired")
    # the second function of a loop has the same names of other types
    lines = [re.sub(r"\bx(\d+)\b", r"z\1", line) for line in lines]
    return [*lines, *(f"{name} = select(newest[j] > limit, {name}, {old})" for name, old in kept.items())]
