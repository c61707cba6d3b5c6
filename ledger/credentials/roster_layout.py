"""Finds the table in an office's sheet: its header in either language, its columns, its remarks (pure)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.credentials.roster_fields import EMPTY, Cell

_HEADER_ROWS = 30
REQUIRED = ("number", "name", "code", "score", "completed_on")
LABELS: Final[dict[str, tuple[str, str]]] = {
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
    "number": ("学号 学生学号 学员编号 学籍号 学生编号 学员号 studentnumber studentno studentid studentnr number no id"),
    "name": "姓名 学生姓名 学员姓名 名字 name studentname fullname",
    "document": (
        "证件号码 证件号 身份证 身份证号 身份证号码 身份证件号码 idnumber idno idcard idcardnumber "
        "identitynumber nationalid nationalidnumber documentnumber document"
    ),
    "class_name": "班级 行政班 教学班 班级名称 所在班级 class classname classgroup group",
    "code": (
        "微证书代码 证书代码 代码 微证书编号 证书编号 微证书 课程代码 项目代码 课程编号 微证书名称 证书名称 "
        "成果代码 achievementcode achievement code microcredentialcode microcredential credentialcode "
        "credential badgecode badge achievementname coursecode"
    ),
    "score": (
        "成绩 分数 总评 总评成绩 得分 考核成绩 最终成绩 总成绩 综合成绩 考试成绩 期末成绩 score finalscore "
        "totalscore mark marks grade result"
    ),
    "hours": "学时 课时 学时数 课时数 总学时 classhours contacthours hours",
    "completed_on": (
        "完成日期 结业日期 考核日期 通过日期 完成时间 结业时间 获得日期 取得日期 通过时间 日期 completiondate "
        "completedon completed datecompleted dateofcompletion completiontime date"
    ),
    "phone": (
        "手机号 手机 手机号码 联系手机 移动电话 电话 联系电话 联系方式 phone phoneno phonenumber cellphone "
        "cell mobileno mobile mobilephone mobilenumber telephone tel"
    ),
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


def find_header(title: str, rows: Iterator[tuple[int, Sequence[Cell]]], faults: list[CellFault]) -> dict[str, int] | None:
    """Advance to just below the header and return the columns; a table without a required column is a fault."""
    best: tuple[int, dict[str, int]] | None = None
    for position, (number, cells) in enumerate(rows):
        columns: dict[str, int] = {}
        for column, cell in enumerate(cells):
            field = _field_of(cell)
            if field and field not in columns:
                columns[field] = column
        if all(field in columns for field in REQUIRED):
            return columns
        if len(columns) >= 3 and (best is None or len(columns) > len(best[1])):
            best = (number, columns)
        if position >= _HEADER_ROWS:
            break
    if best is not None:
        number, columns = best
        for field in REQUIRED:
            if field not in columns:
                zh, en = LABELS[field]
                faults.append(CellFault(title, f"A{number}", f"表头缺少“{zh}”列", f"the header has no column for {en}"))
    return None


def _field_of(cell: Cell) -> str | None:
    if cell.kind != "text":
        return None
    text = unicodedata.normalize("NFKC", str(cell.value)).casefold()
    return _FIELD_OF.get(re.sub(r"\(.*?\)|[\s*:_./\-#]", "", text))


def is_remark(cells: Sequence[Cell], columns: Mapping[str, int]) -> bool:
    """Say whether a row is blank, a repeated header, a total, or a remark below or between the tables."""
    filled = [cell for cell in cells if cell.kind != "empty"]
    mapped = {field: cells[column] for field, column in columns.items() if column < len(cells)}
    if not any(cell.kind != "empty" for cell in mapped.values()):
        return True
    if sum(_field_of(cell) == field for field, cell in mapped.items()) >= len(REQUIRED):
        return True
    first = filled[0]
    distinct = {cell.value for cell in filled}
    is_text = first.kind == "text"
    if is_text and len(distinct) == 1 and (len(filled) > 1 or len(str(first.value)) > 20):
        return True
    has_code = mapped.get("code", EMPTY).kind != "empty"
    return is_text and not has_code and bool(_REMARK.match(str(first.value).strip()))


def letters(column: int) -> str:
    """Return the letters of a column counted from 0, as a spreadsheet writes them."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text
