"""The bundled excerpt of a heart-beat record."""

from __future__ import annotations

import numpy as np

from .bundled import bundled_text
from .records import LabelledSeries, SeriesDataset
from .windows import windows_of

__all__ = ["load_anomaly_demo"]

_SHA256 = "d4f2539a5e85e1ac1e7f8bba152b5e60a02356282463a8a1c97848ad3e1bb386"


def load_anomaly_demo() -> SeriesDataset:
    """Load the bundled excerpt of the MIT-BIH Arrhythmia Database: 7,500 points, one abnormal stretch.

    Returns
    -------
    SeriesDataset
        One series of one lead, in mV; ``train_stop`` is its first half. It is a demonstration and **no
        benchmark**: its only window lies at its end, where a score that merely grows with time finds it too.

    Raises
    ------
    DataFileError
        If the bundled file is damaged.

    References
    ----------
    G. B. Moody, R. G. Mark, "The impact of the MIT-BIH Arrhythmia Database", IEEE Engineering in Medicine and
    Biology 20 (2001), 45-50. ODC-By 1.0.

    Examples
    --------
    >>> series = load_anomaly_demo().series[0]
    >>> series.values.shape, series.windows, series.train_stop
    ((7500, 1), ((6936, 7288),), 3750)
    """
    lines = bundled_text("mitdb.csv", _SHA256).split()[1:]
    table = np.array([line.split(",") for line in lines], dtype=np.float64)
    labels = table[:, 1] > 0.5
    series = LabelledSeries(
        name="mitdb excerpt",
        values=table[:, :1].copy(),
        labels=labels,
        windows=windows_of(labels),
        train_stop=len(table) // 2,
        time=None,
        rate_hz=None,
        channels=("lead",),
    )
    return SeriesDataset(
        series=(series,),
        name="MIT-BIH excerpt (demo)",
        licence="ODC-By 1.0",
        source="G. B. Moody, R. G. Mark, MIT-BIH Arrhythmia Database, PhysioNet, doi:10.13026/C2F305",
        coverage="7,500 points of one record, bundled",
    )
