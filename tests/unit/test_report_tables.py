import numpy as np

from emoconv.labels import LabelSet
from emoconv.metrics import evaluate
from emoconv.report import (
    Table,
    average_table,
    evaluation_markdown,
    evaluation_text,
    label_table,
    measure_table,
    sweep_table,
    sweep_text,
)
from emoconv.thresholds import sweep

Y = np.array([[1, 0], [1, 1], [0, 1], [0, 0]], dtype=np.bool_)
P = np.array([[0.9, 0.1], [0.4, 0.8], [0.2, 0.7], [0.6, 0.3]], dtype=np.float32)


def evaluation(**options):
    labels = LabelSet(("joy", "gratitude"))
    return evaluate(y=Y, predicted=P >= 0.5, probabilities=P, labels=labels, **options)


def test_text_is_aligned_with_names_left_and_figures_right():
    table = Table(("label", "F1"), (("joy", "0.5"), ("gratitude", "0.25")))
    expected = """\
label        F1
---------------
joy         0.5
gratitude  0.25"""
    assert expected == table.text()


def test_markdown_is_a_table_and_aligned_in_its_source():
    table = Table(("label", "F1"), (("joy", "0.5"), ("gratitude", "0.25")))
    expected = """\
| label     |   F1 |
|-----------|-----:|
| joy       |  0.5 |
| gratitude | 0.25 |"""
    assert expected == table.markdown()


def test_a_table_without_rows_is_its_header():
    assert "label  F1\n---------" == Table(("label", "F1"), ()).text()


def test_labels_without_intervals_and_cuts():
    expected = """\
label      precision  recall     F1     AP    ECE  predicted  support
---------------------------------------------------------------------
joy            0.500   0.500  0.500  0.833  0.375          2        2
gratitude      1.000   1.000  1.000  1.000  0.225          2        2"""
    assert expected == label_table(evaluation()).text()


def test_labels_with_intervals_and_cuts():
    table = label_table(evaluation(resamples=20, thresholds=np.float32([0.5, 0.25])))
    expected = "label precision recall F1 95 % interval AP ECE cut predicted support"
    assert expected == " ".join(table.header)
    assert ["0.500", "0.250"] == [row[7] for row in table.rows]
    assert "1.000 to 1.000" == table.rows[1][4]


def test_averages():
    expected = """\
average   precision  recall     F1
----------------------------------
micro         0.750   0.750  0.750
macro         0.750   0.750  0.750
weighted      0.750   0.750  0.750"""
    assert expected == average_table(evaluation()).text()
    assert "95 % interval" == average_table(evaluation(resamples=5)).header[-1]


def test_measures_of_all_labels():
    expected = """\
measure                      value
----------------------------------
texts                            4
labels                           2
subset accuracy              0.500
Hamming loss                0.2500
mean average precision       0.917
log loss                    0.4004
expected calibration error  0.3000"""
    assert expected == measure_table(evaluation()).text()


def test_a_sweep():
    expected = """\
cut   micro precision  micro recall  micro F1  macro precision  macro recall  macro F1
--------------------------------------------------------------------------------------
0.50            0.750         0.750     0.750            0.750         0.750     0.750
0.80            1.000         0.500     0.667            1.000         0.500     0.667"""
    assert expected == sweep_text(sweep(Y, P, cuts=(0.5, 0.8)))
    assert sweep_table(sweep(Y, P, cuts=(0.5, 0.8))).markdown().startswith("| cut  | micro prec")


def test_an_evaluation_is_all_its_tables():
    one = evaluation(resamples=5)
    tables = (label_table(one), average_table(one), measure_table(one))
    assert [table.text() for table in tables] == evaluation_text(one).split("\n\n")
    assert [table.markdown() for table in tables] == evaluation_markdown(one).split("\n\n")
