"""Classes given to neurons afterwards, by what they fired for; and how neurons vote on a new sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..storable import require_stored, storable

__all__ = ["VOTES", "LabelVote"]

Floats = npt.NDArray[np.float64]

#: How neurons vote; see `LabelVote`.
VOTES = ("mean", "proportion", "likelihood")


@storable
@dataclass(frozen=True, eq=False)
class LabelVote:
    r"""A readout without weights to fit: only the mean counts of each neuron for each class.

    Attributes
    ----------
    rates : array [class, neuron], float64
        Spikes a sample of the class.
    samples : array [class], int64
        Samples of each class that these are means of.

    Notes
    -----
    With :math:`c_j` the spikes of neuron j in a sample and :math:`r_{kj}` its mean over the samples of class
    k, the score of class k is

    - ``"mean"``: the mean of :math:`c_j` over the neurons of the class, each neuron belonging to the class
      for which it fired most (Diehl & Cook 2015);
    - ``"proportion"``: :math:`\sum_j c_j\, r_{kj} / \sum_l r_{lj}`: each spike is shared among the classes;
    - ``"likelihood"``: :math:`\sum_j (c_j \ln r_{kj} - r_{kj})`, the log-likelihood of independent Poisson
      counts with these means. One spike is added to each neuron's count for each class, so that none is 0.

    References
    ----------
    P. U. Diehl, M. Cook, "Unsupervised learning of digit recognition using spike-timing-dependent
    plasticity", Front. Comput. Neurosci. 9:99 (2015), section 2.6.

    Examples
    --------
    >>> vote = LabelVote.fit(np.array([[3, 0], [1, 0], [0, 2]]), np.array([0, 0, 1]), 2)
    >>> vote.neuron_classes.tolist(), int(vote.scores(np.array([[0, 4]]), "mean").argmax())
    ([0, 1], 1)
    """

    rates: Floats
    samples: npt.NDArray[np.int64]

    @classmethod
    def fit(cls, counts: npt.NDArray[np.integer], index: npt.NDArray[np.int64], n_classes: int) -> LabelVote:
        """Take the means of counts.

        Parameters
        ----------
        counts : array [sample, neuron]
        index : array [sample], int64
            Number of each sample's class.
        n_classes : int
            A class without samples has the rate 0 everywhere.
        """
        samples = np.bincount(index, minlength=n_classes)
        sums = np.zeros((n_classes, counts.shape[1]))
        for k in range(n_classes):
            sums[k] = counts[index == k].sum(axis=0, dtype=np.int64)
        return cls(sums / np.maximum(samples, 1)[:, None], samples)

    @property
    def neuron_classes(self) -> npt.NDArray[np.int64]:
        """Number of the class for which each neuron fired most: array [neuron]; -1 where it never fired."""
        return np.where(self.rates.any(axis=0), self.rates.argmax(axis=0), -1)

    def scores(self, counts: npt.NDArray[np.integer], vote: str) -> Floats:
        """Return what each class gets: array [sample, class].

        Parameters
        ----------
        counts : array [sample, neuron]
        vote : {"mean", "proportion", "likelihood"}
        """
        if vote == "mean":
            belongs = self.neuron_classes == np.arange(len(self.rates))[:, None]
            weights = belongs / np.maximum(belongs.sum(axis=1, keepdims=True), 1)
            return np.asarray(counts @ weights.T)
        if vote == "proportion":
            total = self.rates.sum(axis=0)
            return np.asarray(counts @ (self.rates / np.where(total > 0, total, 1.0)).T)
        rates = self.rates + 1.0 / np.maximum(self.samples, 1)[:, None]
        return np.asarray(counts @ np.log(rates).T - rates.sum(axis=1))

    def _check_stored(self) -> None:
        require_stored(
            self.rates.ndim == 2
            and self.samples.shape == self.rates.shape[:1]
            and bool(np.isfinite(self.rates).all() and (self.rates >= 0).all()),
            "rates of neurons",
        )
