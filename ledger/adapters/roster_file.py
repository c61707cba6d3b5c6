"""Opens rosters: Excel workbooks (streamed) and CSV in UTF-8, UTF-16 or GB 18030."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from defusedxml import ElementTree
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from ledger.credentials.roster_fields import EMPTY, Cell
from ledger.credentials.roster_layout import Sheet
from ledger.errors import Invalid

MAX_FILE_BYTES = 50 << 20
MAX_UNPACKED_BYTES = 300 << 20
_MAX_COLUMNS = 200
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MERGE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}mergeCell"
_MAX_MERGED_CELLS = 1_000_000


def open_roster(path: Path) -> Iterator[Sheet]:
    """Yield the visible sheets of a workbook, or the one table of a CSV file.

    Raises:
        Invalid: ``too-large`` (over 50 MB), ``roster-bomb`` (unpacks to over 300 MB), ``roster-encrypted``,
            ``roster-unreadable`` with the reason.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as error:
        raise Invalid("roster-unreadable", why=error.strerror or "cannot be opened") from error
    if size > MAX_FILE_BYTES:
        raise Invalid("too-large", limit="50 MB", size=f"{size / (1 << 20):.1f} MB")
    if head == _OLE:
        data = path.read_bytes()
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Invalid("roster-encrypted")
        raise Invalid("roster-unreadable", why="an old .xls workbook; save it as .xlsx")
    if head.startswith(b"PK"):
        return _workbook(path)
    return _csv(path)


def _workbook(path: Path) -> Iterator[Sheet]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            if any(entry.flag_bits & 1 for entry in entries):
                raise Invalid("roster-encrypted")
        if unpacked > MAX_UNPACKED_BYTES:
            raise Invalid("roster-bomb", limit=f"{MAX_UNPACKED_BYTES >> 20} MB", size=f"{unpacked >> 20} MB")
        workbook = load_workbook(path, read_only=True, data_only=False)
    except Invalid:
        raise
    except Exception as error:
        raise Invalid("roster-unreadable", why=str(error)[:200] or type(error).__name__) from error
    try:
        for worksheet in workbook.worksheets:
            if worksheet.sheet_state == "visible":
                yield Sheet(worksheet.title, _rows(workbook, worksheet))
    finally:
        workbook.close()


def _rows(workbook: Any, worksheet: Any) -> Iterator[tuple[int, Sequence[Cell]]]:
    """Yield the rows that hold anything; rows are as long as what they hold, so a stray cell far below costs nothing."""
    anchors: dict[tuple[int, int], Cell] = {}
    try:
        merges = _merged(workbook, worksheet)
        width = min(_MAX_COLUMNS, max((column for _, column in merges), default=0))
        worksheet.reset_dimensions()
        for number, row in enumerate(worksheet.iter_rows(), start=1):
            if not row:
                continue
            cells = [_cell(cell) for cell in row[:_MAX_COLUMNS]]
            cells += [EMPTY] * (width - len(cells))
            for column, cell in enumerate(cells, start=1):
                anchor = merges.get((number, column))
                if anchor == (number, column):
                    anchors[anchor] = cell
                elif anchor is not None and cell.kind == "empty":
                    cells[column - 1] = anchors.get(anchor, EMPTY)
            if any(cell.kind != "empty" for cell in cells):
                yield number, cells
    except Invalid:
        raise
    except Exception as error:
        raise Invalid("roster-unreadable", sheet=worksheet.title, why=str(error)[:200]) from error


def _merged(workbook: Any, worksheet: Any) -> dict[tuple[int, int], tuple[int, int]]:
    """Map every cell of a merged range to the range's first cell."""
    merged: dict[tuple[int, int], tuple[int, int]] = {}
    with workbook._archive.open(worksheet._worksheet_path) as source:
        for _, element in ElementTree.iterparse(source, events=("end",)):
            if element.tag == _MERGE:
                left, top, right, bottom = (int(bound or 0) for bound in range_boundaries(element.get("ref")))
                if (right - left + 1) * (bottom - top + 1) + len(merged) > _MAX_MERGED_CELLS:
                    raise Invalid("roster-unreadable", sheet=worksheet.title, why="too many merged cells")
                for row in range(top, bottom + 1):
                    for column in range(left, right + 1):
                        merged[row, column] = (top, left)
            elif not element.tag.endswith(("}mergeCells", "}c", "}v", "}is", "}t", "}f")):
                element.clear()
            else:
                element.text = None
                element.clear()
    return merged


def _cell(cell: Any) -> Cell:
    value, kind = cell.value, getattr(cell, "data_type", "n")
    if value is None or (isinstance(value, str) and not value.strip()):
        return EMPTY
    if kind == "f" or not isinstance(value, (str, int, float, date, datetime, time)):
        return Cell("formula", str(value)[:80])
    if kind == "e":
        return Cell("error", str(value))
    if isinstance(value, time):
        return Cell("text", value.isoformat())
    if isinstance(value, (datetime, date)):
        return Cell("date", value)
    if isinstance(value, bool):
        return Cell("text", str(value).upper())
    return Cell("text" if isinstance(value, str) else "number", value)


def _csv(path: Path) -> Iterator[Sheet]:
    data = path.read_bytes()
    text = _decode(data)
    if "\x00" in text:
        raise Invalid("roster-unreadable", why="neither a workbook nor a CSV text")
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max((",", "\t", ";", "，"), key=first.count)
    yield Sheet(path.stem, _csv_rows(text, delimiter))


def _csv_rows(text: str, delimiter: str) -> Iterator[tuple[int, Sequence[Cell]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, row in enumerate(reader, start=1):
            cells = [_csv_cell(value) for value in row[:_MAX_COLUMNS]]
            if any(cell.kind != "empty" for cell in cells):
                yield number, cells
    except csv.Error as error:
        raise Invalid("roster-unreadable", line=reader.line_num, why=str(error)) from error


def _csv_cell(value: str) -> Cell:
    text = value.strip()
    if not text:
        return EMPTY
    if text.startswith('="') and text.endswith('"'):
        return Cell("text", text[2:-1])
    if text.startswith("="):
        return Cell("formula", text[:80])
    return Cell("error", text) if text in ("#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NAME?") else Cell("text", value)


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("roster-unreadable", why="the text is neither UTF-8, UTF-16 nor GB 18030")
