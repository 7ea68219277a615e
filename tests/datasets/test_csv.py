"""One's own series from CSV: what is understood, and every bad file answered with line and column."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

import spikelab as sl
from spikelab.datasets import DataFileError, MissingDataError, read_series_csv


@pytest.fixture
def read(tmp_path):
    def write_and_read(text: str | bytes, *args, **kwargs):
        path = tmp_path / "mine.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_series_csv(path, *args, **kwargs)

    return write_and_read


def rows(series):
    return series.values.tolist()


@pytest.mark.parametrize(
    ("text", "channels", "values"),
    [
        ("a,b\n1,2\n3,4\n", ("a", "b"), [[1, 2], [3, 4]]),
        ("a;b\n1,5;2\n3;4\n", ("a", "b"), [[1.5, 2], [3, 4]]),
        ("a\tb\n1\t2\n3\t4\n", ("a", "b"), [[1, 2], [3, 4]]),
        ('a|b\r\n"1"|2\r\n3|4\r\n', ("a", "b"), [[1, 2], [3, 4]]),
        ("1,2\n3,4\n", ("0", "1"), [[1, 2], [3, 4]]),
        ("only\n1\n3e2\n", ("only",), [[1], [300]]),
        ("5\n7\n", ("0",), [[5], [7]]),
        (",x\n0,5\n1,7\n", ("x",), [[5], [7]]),
        ("x,\n5,\n7,\n", ("x",), [[5], [7]]),
        ("\ufeffa\n1\n2", ("a",), [[1], [2]]),
        ("\n\na\n1\n2\n\n\n", ("a",), [[1], [2]]),
    ],
)
def test_delimiters_and_headers_are_found(read, text, channels, values):
    series = read(text)
    assert series.channels == channels
    assert rows(series) == values
    assert (series.name, series.labels, series.windows, series.time) == ("mine", None, (), None)


def test_columns_are_chosen_by_name(read):
    text = "time,a,b,label\n0,1,5,0\n1,2,6,1\n2,3,7,1\n3,5,8,0\n"
    series = read(text, "b")
    assert series.channels == ("b",) and rows(series) == [[5], [6], [7], [8]]
    assert series.windows == ((1, 3),) and series.rate_hz == 1.0
    assert read(text, ["b", "a"]).channels == ("b", "a")
    assert read(text).channels == ("a", "b")
    assert read(text, "label").channels == ("label",)
    assert read(text, "a", time_column="b").time.tolist() == [5, 6, 7, 8]


def test_time_stamps_and_words_as_labels(read):
    text = "Timestamp,v,anomaly\n2024-01-01T00:00:00Z,1,normal\n2024-01-01 00:05:00+00:00,2,Anomaly\n"
    series = read(text)
    assert series.time.astype(str).tolist() == ["2024-01-01T00:00:00.000000", "2024-01-01T00:05:00.000000"]
    assert series.rate_hz == pytest.approx(1 / 300)
    assert series.labels.tolist() == [False, True]


def test_the_first_quarter_is_taken_as_normal_unless_told_otherwise(read):
    text = "a\n" + "\n".join(map(str, range(100)))
    assert read(text).train_stop == 25
    assert read(text, train_stop=60).train_stop == 60
    with pytest.raises(sl.ParameterError, match=r"train_stop must be an integer <= 100"):
        read(text, train_stop=101)


GAPS = "t,a,b,label\n0,1,1,0\n1,,2,0\n2,n/a,3,1\n3,7,NaN,0\n4,9,5,0\n"


def test_missing_values_stay_by_default(read):
    values = read(GAPS, ["a", "b"], "t").values
    np.testing.assert_array_equal(values, [[1, 1], [np.nan, 2], [np.nan, 3], [7, np.nan], [9, 5]])


def test_missing_values_are_filled_on_a_line(read):
    assert rows(read(GAPS, ["a", "b"], nan="interpolate")) == [[1, 1], [3, 2], [5, 3], [7, 4], [9, 5]]
    assert rows(read("a\nnan\n2\n4\nnull\n", nan="interpolate")) == [[2], [2], [4], [4]]


def test_rows_with_missing_values_are_left_out_with_their_time_and_label(read):
    series = read(GAPS, "b", "t", nan="drop")
    assert rows(series) == [[1], [2], [3], [5]]
    assert series.time.tolist() == [0, 1, 2, 4] and series.labels.tolist() == [False, False, True, False]
    with pytest.raises(DataFileError, match=r"only 1 rows have no missing value"):
        read("a\n1\nnan\n", nan="drop")


def test_a_missing_value_is_refused_with_its_place(read):
    with pytest.raises(DataFileError, match=r"line 3, column 'a': the value is missing.*nan='interpolate'"):
        read(GAPS, "a", "t", nan="error")


def test_a_blank_line_between_rows_is_a_missing_row(read):
    np.testing.assert_array_equal(read("a\n1\n\n3\n").values, [[1], [np.nan], [3]])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"mine\.csv: is empty"),
        ("\n \n", r"is empty"),
        ("a,b\n", r"has 0 rows; at least 2 are needed"),
        ("a\n1\n", r"has 1 row; at least 2 are needed"),
        ("a,b\n1,2\n3,off\n", r"line 3, column 'b': 'off' is not a number"),
        ("a\n1\ninf\n", r"line 3, column 'a': the value is not finite"),
        ("a,b\n1,2\n3\n", r"line 3: has 1 cells, not 2"),
        ("a,b\n1,2\n1,2,3\n", r"line 3: has 3 cells, not 2"),
        ("a,a\n1,2\n3,4\n", r"line 1: the column 'a' is named twice"),
        ("a\n5\n5\n5\n", r"column 'a': every value is the same\. There is nothing to learn"),
        ("a\nnan\nnan\n", r"column 'a': has no value at all"),
        ("time\n1\n2\n", r"has no column of values, only time"),
        ("time,v\n1,5\n3,6\n2,7\n", r"line 4, column 'time': time goes back from 3 to 2\. Sort the rows"),
        ("time,v\n1,5\n,6\n", r"line 3, column 'time': '' is not a number"),
        ("time,v\n1,5\ninf,6\n", r"line 3, column 'time': 'inf' is not a number"),
        (
            "time,v\n0001-01-01T00:00:00+05:00,1\n0001-01-02T00:00:00+05:00,2\n",
            r"line 2, .*is not a time of ISO",
        ),
        (
            "time,v\n9999-12-31T23:00:00-05:00,1\n9999-12-31T23:30:00-05:00,2\n",
            r"line 2, .*is not a time of ISO",
        ),
        ("date,v\n01.02.2024,5\n02.02.2024,6\n", r"line 2, .*'01\.02\.2024' is not a time of ISO 8601"),
        ("v,label\n1,0\n2,perhaps\n", r"line 3, column 'label': 'perhaps' is no label"),
        (b"a\n1\n\xff\xfe\n", r"is not UTF-8 text: .*Save it as CSV in UTF-8"),
        (b"\x00\x01\x02\x03" * 20, r"mine\.csv"),
    ],
)
def test_bad_files_are_answered_with_line_and_column(read, text, message):
    with pytest.raises(DataFileError, match=message):
        read(text)


def test_an_unknown_column_is_answered_with_the_nearest(read):
    text = "pressure,flow\n1,2\n3,4\n"
    with pytest.raises(
        sl.ParameterError, match=r"column must be one of .*pressure, flow\. Did you mean 'flow'"
    ):
        read(text, "flows")
    with pytest.raises(sl.ParameterError, match=r"time_column must be one of"):
        read(text, time_column="when")
    with pytest.raises(sl.ParameterError, match=r"nan must be one of 'keep'"):
        read(text, nan="zero")


def test_a_column_serves_one_purpose(read):
    text = "time,v,label\n1,2,0\n2,3,1\n"
    for named, message in (
        ({"label_column": "time"}, r"label_column='time'\): label_column must hold neither time nor values"),
        ({"column": "label", "label_column": "label"}, r"label_column must hold neither time nor values"),
        ({"column": "time", "time_column": "time"}, r"time_column must hold no values"),
        ({"column": ["v", "v"]}, r"column must name each column once"),
        ({"column": 3}, r"column must be the name of a column, or a list of names"),
    ):
        with pytest.raises(sl.ParameterError, match=message):
            read(text, **named)


def test_of_many_columns_a_message_names_some(read):
    names = [f"c{i}" for i in range(3_000)]
    text = f"{','.join(names)}\n{'1,' * 2_999}1\n{'1,' * 2_999}2\n"
    with pytest.raises(sl.ParameterError, match=r"c0, c1, .*, c11 and 2,988 more\. Did you mean") as caught:
        read(text, "c0001x")
    assert len(str(caught.value)) < 500
    with pytest.warns(UserWarning, match=r"constant columns.*: c0, .* and 2,987 more\."):
        read(text)
    with pytest.raises(sl.ParameterError) as caught:
        read(f"{'x' * 9_999},v\n1,2\n2,3\n", "nothing")
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("path", [3, None, "a\0b"])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(sl.ParameterError, match=r"read_series_csv\(path=.*\): path must be a path"):
        read_series_csv(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(MissingDataError, match=r"none\.csv: cannot be read: No such file"):
        read_series_csv(tmp_path / "none.csv")


def test_gaps_and_repeats_in_time_are_told(read):
    with pytest.warns(UserWarning, match=r"2 gaps in time, the longest after line 6: 20 instead of 1"):
        read("time,v\n0,1\n1,2\n2,1\n3,2\n6,1\n26,2\n27,1\n28,1\n29,1\n30,2\n")
    with pytest.warns(UserWarning, match=r"one time stands twice, first on line 4"):
        read("time,v\n0,1\n1,2\n1,3\n2,4\n3,5\n")


def test_a_constant_column_beside_others_is_told(read):
    with pytest.warns(UserWarning, match=r"constant columns, which tell nothing: b"):
        assert read("a,b\n1,5\n2,5\n").channels == ("a", "b")


def test_a_long_file_takes_the_memory_of_its_values(tmp_path):
    path = tmp_path / "long.csv"
    path.write_text("v\n" + "0.123456789\n0.987654321\n" * 10_000)
    tracemalloc.start()
    series = read_series_csv(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert series.values.shape == (20_000, 1)
    assert peak < 6 * series.values.nbytes
