"""From sheets to drafts: finds the tables, reads every row, names every faulty cell at once (pure)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from ledger.credentials import roster_fields as fields
from ledger.credentials.catalogue import Catalogue
from ledger.credentials.roster_fields import EMPTY, Cell, Fault
from ledger.errors import Invalid

MAX_ROWS = 100_000
_HEADER_ROWS = 30
_REQUIRED = ("number", "name", "code", "score", "completed_on")
_LABELS: Final[dict[str, tuple[str, str]]] = {
    "number": ("学号", "student number"),
    "name": ("姓名", "name"),
    "document": ("证件号码", "ID number"),
    "class_name": ("班级", "class"),
    "code": ("微证书代码", "achievement code"),
    "score": ("成绩", "score"),
    "hours": ("学时", "class hours"),
    "completed_on": ("完成日期", "completion date"),
    "phone": ("手机号", "phone"),
    "email": ("邮箱", "e-mail"),
}
_SYNONYMS: Final[dict[str, str]] = {
    "number": "学号 学生学号 学员编号 学籍号 学生编号 studentnumber studentno studentid studentnr number no id",
    "name": "姓名 学生姓名 学员姓名 名字 name studentname fullname",
    "document": "证件号码 证件号 身份证 身份证号 身份证号码 身份证件号码 idnumber idno idcard idcardnumber identitynumber"
    " nationalid nationalidnumber documentnumber document",
    "class_name": "班级 行政班 教学班 班级名称 所在班级 class classname classgroup group",
    "code": "微证书代码 证书代码 代码 微证书编号 证书编号 微证书 微证书名称 证书名称 成果代码 achievementcode achievement code"
    " microcredentialcode microcredential credentialcode credential badgecode badge achievementname",
    "score": "成绩 分数 总评 总评成绩 得分 考核成绩 最终成绩 score finalscore mark marks grade result",
    "hours": "学时 课时 学时数 课时数 总学时 classhours contacthours hours",
    "completed_on": "完成日期 结业日期 考核日期 通过日期 完成时间 结业时间 日期 completiondate completedon completed"
    " datecompleted dateofcompletion completiontime date",
    "phone": "手机号 手机 手机号码 电话 联系电话 联系方式 phone phonenumber mobile mobilephone mobilenumber telephone tel",
    "email": "邮箱 电子邮箱 电子邮件 邮件 邮箱地址 email emailaddress mail",
}
_FIELD_OF: Final = {word: field for field, words in _SYNONYMS.items() for word in words.split()}
_REMARK = re.compile(
    r"(合计|总计|共计|小计|备注|说明|注[:：]|附注|填表|制表|审核|复核|负责人|经办|签字|签名|签章|盖章|日期[:：]"
    r"|total\b|subtotal|remarks?\b|notes?\b|prepared by|checked by|signed|signature)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's title and its non-blank rows: (row number, cells from column A), merged cells filled in."""

    title: str
    rows: Iterable[tuple[int, Sequence[Cell]]]


@dataclass(frozen=True, slots=True)
class CellFault:
    """A faulty cell: where, and why in both languages."""

    sheet: str
    cell: str
    zh: str
    en: str

    def to_dict(self) -> dict[str, Any]:
        """Return ``{sheet, cell, why: {zh, en}}``."""
        return {"sheet": self.sheet, "cell": self.cell, "why": {"zh": self.zh, "en": self.en}}


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
        columns = _find_header(sheet.title, iterator, faults)
        if columns is None:
            continue
        tables += 1
        for number, cells in iterator:
            if _is_remark(cells, columns):
                continue
            if len(rows) >= MAX_ROWS:
                raise Invalid("roster-too-many-rows", limit=MAX_ROWS)
            rows.append(_read_row(sheet.title, number, cells, columns, catalogue, today, faults))
    if not tables and not faults:
        wanted = "、".join(_LABELS[field][0] for field in _REQUIRED)
        raise Invalid("roster-no-table", required=wanted)
    faulty_rows = _find_duplicates(rows, faults)
    faults = [
        fault for fault in faults if (fault.sheet, _row_number(fault.cell)) not in faulty_rows or fault in faulty_rows.values()
    ]
    order = {sheet: position for position, sheet in enumerate(dict.fromkeys(row.sheet for row in rows))}
    faults.sort(key=lambda fault: (order.get(fault.sheet, -1), _row_number(fault.cell), len(fault.cell), fault.cell))
    return ([] if faults else [_draft(row) for row in rows]), faults


def _find_header(title: str, rows: Iterator[tuple[int, Sequence[Cell]]], faults: list[CellFault]) -> dict[str, int] | None:
    """Advance to just below the header and return the columns; a table without a required column is a fault."""
    best: tuple[int, dict[str, int]] | None = None
    for position, (number, cells) in enumerate(rows):
        columns: dict[str, int] = {}
        for column, cell in enumerate(cells):
            field = _field_of(cell)
            if field and field not in columns:
                columns[field] = column
        if all(field in columns for field in _REQUIRED):
            return columns
        if len(columns) >= 3 and (best is None or len(columns) > len(best[1])):
            best = (number, columns)
        if position >= _HEADER_ROWS:
            break
    if best is not None:
        number, columns = best
        for field in _REQUIRED:
            if field not in columns:
                zh, en = _LABELS[field]
                faults.append(CellFault(title, f"A{number}", f"表头缺少“{zh}”列", f"the header has no column for {en}"))
    return None


def _field_of(cell: Cell) -> str | None:
    if cell.kind != "text":
        return None
    text = unicodedata.normalize("NFKC", str(cell.value)).casefold()
    return _FIELD_OF.get(re.sub(r"\(.*?\)|[\s*:_./\-#]", "", text))


def _is_remark(cells: Sequence[Cell], columns: Mapping[str, int]) -> bool:
    """Say whether a row is blank, a repeated header, a total, or a remark below or between the tables."""
    filled = [cell for cell in cells if cell.kind != "empty"]
    mapped = {field: cells[column] for field, column in columns.items() if column < len(cells)}
    if not any(cell.kind != "empty" for cell in mapped.values()):
        return True
    if sum(_field_of(cell) == field for field, cell in mapped.items()) >= len(_REQUIRED):
        return True
    first = filled[0]
    distinct = {cell.value for cell in filled}
    is_text = first.kind == "text"
    if is_text and len(distinct) == 1 and (len(filled) > 1 or len(str(first.value)) > 20):
        return True
    has_code = mapped.get("code", EMPTY).kind != "empty"
    return is_text and not has_code and bool(_REMARK.match(str(first.value).strip()))


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
    places = {field: f"{_letters(column)}{number}" for field, column in columns.items()}

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
            for field in ("score", "completed_on", *_LABELS)
            if field in row.cells and before.values.get(field) != row.values.get(field)
        ),
        "number",
    )
    zh, en = _LABELS[field]
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


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _row_number(cell: str) -> int:
    return int(re.sub(r"\D", "", cell))
