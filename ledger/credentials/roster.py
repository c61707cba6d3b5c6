"""From sheets to drafts: finds the tables, reads every row, names every faulty cell at once (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger.credentials import roster_fields as fields
from ledger.credentials.catalogue import Catalogue
from ledger.credentials.roster_fields import EMPTY, Cell, Fault
from ledger.credentials.roster_layout import LABELS, REQUIRED, CellFault, Sheet, find_header, is_remark, letters
from ledger.errors import Invalid

MAX_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Draft:
    """One row that may become a credential; ``score`` is the decimal text, ``completed_on`` ISO."""

    number: str
    name: str
    document: str | None
    class_name: str | None
    code: str
    score: str
    hours: int | None
    completed_on: str
    phone: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class _Row:
    sheet: str
    number: int
    cells: Mapping[str, str]
    values: Mapping[str, Any]


def read(sheets: Iterable[Sheet], catalogue: Catalogue, today: date) -> tuple[list[Draft], list[CellFault]]:
    """Return the drafts and every fault; with any fault, nothing should be imported.

    Args:
        sheets: the visible sheets in order.
        catalogue: codes, hours and the pass mark.
        today: the day that "future" is judged against.

    Raises:
        Invalid: ``roster-no-table`` if no sheet holds a table; ``roster-too-many-rows``.
    """
    faults: list[CellFault] = []
    rows: list[_Row] = []
    tables = 0
    for sheet in sheets:
        iterator = iter(sheet.rows)
        columns = find_header(sheet.title, iterator, faults)
        if columns is None:
            continue
        tables += 1
        for number, cells in iterator:
            if is_remark(cells, columns):
                continue
            if len(rows) >= MAX_ROWS:
                raise Invalid("roster-too-many-rows", limit=MAX_ROWS)
            rows.append(_read_row(sheet.title, number, cells, columns, catalogue, today, faults))
    if not tables and not faults:
        wanted = "、".join(LABELS[field][0] for field in REQUIRED)
        raise Invalid("roster-no-table", required=wanted)
    exact = _find_duplicates(rows, faults)
    faults = [fault for fault in faults if exact.get((fault.sheet, _row_number(fault.cell)), fault) == fault]
    order = {sheet: position for position, sheet in enumerate(dict.fromkeys(row.sheet for row in rows))}
    faults.sort(key=lambda fault: (order.get(fault.sheet, -1), _row_number(fault.cell), len(fault.cell), fault.cell))
    return ([] if faults else [_draft(row) for row in rows]), faults


def _read_row(
    sheet: str,
    number: int,
    cells: Sequence[Cell],
    columns: Mapping[str, int],
    catalogue: Catalogue,
    today: date,
    faults: list[CellFault],
) -> _Row:
    values: dict[str, Any] = {}
    places = {field: f"{letters(column)}{number}" for field, column in columns.items()}

    def take(field: str, reader: Callable[[Cell], Any]) -> None:
        column = columns.get(field)
        cell = cells[column] if column is not None and column < len(cells) else EMPTY
        try:
            values[field] = reader(cell) if column is not None else None
        except Fault as fault:
            faults.append(CellFault(sheet, places[field], fault.zh, fault.en))

    take("number", fields.student_number)
    take("name", fields.person_name)
    take("document", fields.document_number)
    take("class_name", fields.optional)
    take("code", lambda cell: fields.achievement(cell, catalogue))
    take("score", lambda cell: fields.score(cell, catalogue.pass_mark))
    take("hours", lambda cell: fields.class_hours(cell, values.get("code")))
    take("completed_on", lambda cell: fields.completion_date(cell, today))
    take("phone", fields.phone)
    take("email", fields.email)
    if columns.get("class_name") is None:
        values["class_name"] = sheet
    return _Row(sheet, number, places, values)


def _find_duplicates(rows: Sequence[_Row], faults: list[CellFault]) -> dict[tuple[str, int], CellFault]:
    """Add the faults between rows; return exact duplicates, whose own faults the first row has already."""
    people: dict[str, _Row] = {}
    outcomes: dict[tuple[str, str], _Row] = {}
    exact: dict[tuple[str, int], CellFault] = {}
    for row in rows:
        number, code = row.values.get("number"), row.values.get("code")
        if number is None:
            continue
        first = people.setdefault(number, row)
        if first is not row:
            clash = _other_person(first, row)
            if clash:
                faults.append(clash)
                continue
        if code is None:
            continue
        before = outcomes.setdefault((number, code.code), row)
        if before is row:
            continue
        if before.values == row.values:
            zh, en = f"与第 {before.number} 行完全重复", f"the same row as row {before.number}: exact duplicate"
            fault = CellFault(row.sheet, f"A{row.number}", zh, en)
            exact[row.sheet, row.number] = fault
        else:
            fault = _differing(before, row)
        faults.append(fault)
    return exact


def _other_person(first: _Row, row: _Row) -> CellFault | None:
    differs = [
        field
        for field in ("name", "document")
        if first.values.get(field) and row.values.get(field) and first.values[field] != row.values[field]
    ]
    if not differs:
        return None
    place = first.cells["number"]
    field = "number" if len(differs) == 2 or "document" not in row.cells else differs[0]
    return CellFault(
        row.sheet,
        row.cells[field],
        f"同一学号在文件中属于另一人（首见 {place}）",
        f"student number twice in the file with another person (first in {place})",
    )


def _differing(before: _Row, row: _Row) -> CellFault:
    """Name the first field in which two rows of one student and achievement differ; the score before others."""
    field = next(
        (
            field
            for field in ("score", "completed_on", *LABELS)
            if field in row.cells and before.values.get(field) != row.values.get(field)
        ),
        "number",
    )
    zh, en = LABELS[field]
    return CellFault(
        row.sheet,
        row.cells[field],
        f"与第 {before.number} 行为同一学生同一微证书，但{zh}不同",
        f"same student and achievement as row {before.number} with another {en}",
    )


def _draft(row: _Row) -> Draft:
    values = row.values
    return Draft(
        number=values["number"],
        name=values["name"],
        document=values["document"],
        class_name=values["class_name"],
        code=values["code"].code,
        score=f"{values['score'].normalize():f}",
        hours=values["hours"],
        completed_on=values["completed_on"].isoformat(),
        phone=values["phone"],
        email=values["email"],
    )


def _row_number(cell: str) -> int:
    return int(re.sub(r"\D", "", cell))
