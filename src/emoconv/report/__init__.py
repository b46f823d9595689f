"""A model's figures for people to read: as tables and as plots.

`emoconv.report.plots` needs the extra ``report`` and is imported on its own.
"""

from emoconv.report.assembly import write_plots
from emoconv.report.tables import (
    Table,
    average_table,
    evaluation_markdown,
    evaluation_text,
    label_table,
    measure_table,
    sweep_table,
    sweep_text,
)

__all__ = [
    "Table",
    "average_table",
    "evaluation_markdown",
    "evaluation_text",
    "label_table",
    "measure_table",
    "sweep_table",
    "sweep_text",
    "write_plots",
]
