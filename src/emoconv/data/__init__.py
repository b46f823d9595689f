"""Data sets: GoEmotions and any multi-label table, votes, splits, leak checks, published files."""

from __future__ import annotations

from emoconv.data.checks import LeakReport, Overlap, PartSummary, check_leaks, normalise
from emoconv.data.dataset import Dataset
from emoconv.data.download import FetchedFile, cache_folder, fetch, fetch_file
from emoconv.data.formats import TABLE_FORMATS
from emoconv.data.goemotions import (
    PARTS,
    RAW_COLUMNS,
    RaterRows,
    part_path,
    read_official,
    read_official_split,
    read_rater_rows,
    read_raw,
)
from emoconv.data.held_out import without_held_out
from emoconv.data.mapping import LabelMapping, read_mapping
from emoconv.data.published import COLLECTIONS, PublishedFile
from emoconv.data.reading import FORMATS, file_format, read
from emoconv.data.splitting import BlogSplit, blog_split, split_by_group
from emoconv.data.streaming import ParquetFiles, StreamedDataset, stream
from emoconv.data.tabular import LabelColumns, read_table
from emoconv.data.texts import read_texts
from emoconv.data.votes import Votes, count_votes, read_votes, write_votes

__all__ = [
    "COLLECTIONS",
    "FORMATS",
    "PARTS",
    "RAW_COLUMNS",
    "TABLE_FORMATS",
    "BlogSplit",
    "Dataset",
    "FetchedFile",
    "LabelColumns",
    "LabelMapping",
    "LeakReport",
    "Overlap",
    "ParquetFiles",
    "PartSummary",
    "PublishedFile",
    "RaterRows",
    "StreamedDataset",
    "Votes",
    "blog_split",
    "cache_folder",
    "check_leaks",
    "count_votes",
    "fetch",
    "fetch_file",
    "file_format",
    "normalise",
    "part_path",
    "read",
    "read_mapping",
    "read_official",
    "read_official_split",
    "read_rater_rows",
    "read_raw",
    "read_table",
    "read_texts",
    "read_votes",
    "split_by_group",
    "stream",
    "without_held_out",
    "write_votes",
]
