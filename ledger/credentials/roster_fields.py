"""Reads the cells of a roster as a person would; every fault says why in Chinese and English (pure)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final, Literal

from ledger.credentials.catalogue import Achievement, Catalogue

CellKind = Literal["empty", "text", "number", "date", "formula", "error"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its kind and value as the sheet holds it."""

    kind: CellKind
    value: str | int | float | date | datetime | None = None


EMPTY: Final = Cell("empty")


class Fault(Exception):
    """Why a cell is wrong, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


_MAX_NAME = 200
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_OTHER_DOCUMENT = re.compile(r"[A-Z]{1,3}\d{7,10}\Z")
_MOBILE = re.compile(r"1[3-9]\d{9}\Z")
_LANDLINE = re.compile(r"0\d{2,3}-?\d{7,8}(-\d{1,6})?\Z")
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+\Z"
)
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[Ee]\+\d+\Z")
_DATE_PARTS = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?\Z")
_DATE_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})\Z")
_JOINERS = "\u200c\u200d"
_MONGOLIAN_SEPARATOR = "\u180e"


def text_of(cell: Cell) -> str | None:
    """Return a cell as text, outer blanks removed; ``None`` if empty.

    Raises:
        Fault: for a formula or an error value.
    """
    if cell.kind == "formula":
        raise Fault("单元格是公式，应为值", "a formula instead of a value")
    if cell.kind == "error":
        raise Fault(f"单元格是错误值 {cell.value}", f"an error value ({cell.value}) instead of a value")
    if cell.kind == "empty" or cell.value is None:
        return None
    if isinstance(cell.value, (date, datetime)):
        return cell.value.strftime("%Y-%m-%d")
    if isinstance(cell.value, float) and cell.value.is_integer():
        return str(int(cell.value))
    return str(cell.value).strip() or None


def student_number(cell: Cell) -> str:
    """Read a student number."""
    text = _need(_digits_kept(cell, "学号", "student number"), "学号", "student number")
    plain = unicodedata.normalize("NFKC", text).replace(" ", "")
    if len(plain) > 64 or not all(char.isalnum() or char in "-_./" for char in plain):
        raise Fault("学号格式不正确", "student number malformed")
    return plain


def person_name(cell: Cell) -> str:
    """Read a name; it is kept unchanged but for outer blanks."""
    text = _need(text_of(cell), "姓名", "name")
    for position, char in enumerate(text):
        hidden = unicodedata.category(char) in ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp") or char == "\ufffd"
        if hidden and char != _MONGOLIAN_SEPARATOR and not _joins(text, position):
            point = f"U+{ord(char):04X}"
            raise Fault(f"姓名含不可见字符（{point}）", f"name holds an invisible character ({point})")
    if len(text) > _MAX_NAME:
        raise Fault("姓名过长", f"name longer than {_MAX_NAME} characters")
    return text


def document_number(cell: Cell) -> str | None:
    """Read an ID number (GB 11643: length, birth date, check digit) or another travel document; may be empty."""
    if cell.kind == "number":
        raise Fault("证件号码以数字格式存储，末几位已丢失", "ID number stored as a number: digits lost")
    text = _digits_kept(cell, "证件号码", "ID number")
    if text is None:
        return None
    plain = unicodedata.normalize("NFKC", text).replace(" ", "").upper()
    if _OTHER_DOCUMENT.match(plain):
        return plain
    if len(plain) != 18:
        raise Fault(f"证件号码为 {len(plain)} 位，应为 18 位", f"ID number: {len(plain)} characters")
    if not re.fullmatch(r"\d{17}[\dX]", plain):
        raise Fault("证件号码含非法字符", "ID number: a character that does not belong there")
    year, month, day = int(plain[6:10]), int(plain[10:12]), int(plain[12:14])
    if not 1 <= month <= 12:
        raise Fault(f"证件号码中的月份为 {month}", f"ID number: month {month}")
    if _date(year, month, day) is None:
        raise Fault("证件号码中的出生日期不存在", "ID number: birth date does not exist")
    if _CHECK[sum(int(digit) * weight for digit, weight in zip(plain, _WEIGHTS, strict=False)) % 11] != plain[17]:
        raise Fault("证件号码校验位错误", "ID number: check digit wrong")
    return plain


def achievement(cell: Cell, catalogue: Catalogue) -> Achievement:
    """Read an achievement by its code, or by its name in either language."""
    text = _need(text_of(cell), "微证书代码", "achievement code")
    wanted = unicodedata.normalize("NFKC", text).casefold().replace(" ", "")
    for entry in catalogue.achievements:
        names = (entry.code, entry.name.zh, entry.name.en)
        if wanted in {unicodedata.normalize("NFKC", name).casefold().replace(" ", "") for name in names}:
            return entry
    raise Fault(f"目录中没有微证书代码 {text}", f"unknown achievement code {text}")


def score(cell: Cell, pass_mark: float) -> Decimal:
    """Read a score from 0 to 100 that is not below the pass mark."""
    text = _need(text_of(cell), "成绩", "score")
    value = _number(text.removesuffix("分"))
    if value is None:
        raise Fault(f"成绩“{text}”不是数字（未采用等级换算）", "score not a number (grade word without an adopted mapping)")
    if value < 0:
        raise Fault("成绩小于 0", "score below 0")
    if value > 100:
        raise Fault("成绩大于 100", "score above 100")
    if value < Decimal(str(pass_mark)):
        raise Fault(f"成绩 {value} 低于合格线 {pass_mark:g}", f"score {value} below the pass mark {pass_mark:g}")
    return value


def class_hours(cell: Cell, entry: Achievement | None) -> int | None:
    """Read class hours, which must be the achievement's; may be empty."""
    text = text_of(cell)
    if text is None:
        return None
    value = _number(re.sub(r"(学时|课时|小时|h|hours?)$", "", text.strip(), flags=re.IGNORECASE))
    if value is None or value != value.to_integral_value():
        raise Fault(f"学时“{text}”不是整数", "class hours not a whole number")
    if value <= 0:
        raise Fault("学时为 0 或负数", "class hours zero or negative")
    if entry is not None and value != entry.contact_hours:
        raise Fault(
            f"学时 {value} 与该微证书的 {entry.contact_hours} 学时不符",
            f"class hours {value} differ from the achievement's {entry.contact_hours}",
        )
    return int(value)


def completion_date(cell: Cell, today: date) -> date:
    """Read a completion date that is not in the future."""
    if cell.kind == "date" and isinstance(cell.value, (date, datetime)):
        found = cell.value.date() if isinstance(cell.value, datetime) else cell.value
    else:
        text = unicodedata.normalize("NFKC", _need(text_of(cell), "完成日期", "completion date"))
        parts = _DATE_PARTS.match(text) or _DATE_DIGITS.match(text)
        if parts is None:
            raise Fault(f"日期“{text}”无法识别", f"date not readable: {text}")
        year, month, day = (int(parts.group(number)) for number in (1, 2, 3))
        existing = _date(year, month, day)
        if existing is None:
            raise Fault(f"日期 {text} 不存在", f"date does not exist: {text}")
        found = existing
    if found > today:
        raise Fault(f"完成日期 {found} 在将来", f"completion date {found} in the future")
    return found


def phone(cell: Cell) -> str | None:
    """Read a phone number of mainland China; may be empty."""
    text = _digits_kept(cell, "手机号", "phone number")
    if text is None:
        return None
    plain = unicodedata.normalize("NFKC", text).replace(" ", "")
    compact = re.sub(r"^(\+86|0086|86(?=1))-?", "", plain)
    if not _MOBILE.match(compact.replace("-", "")) and not _LANDLINE.match(compact):
        raise Fault("手机号格式不正确", "phone number malformed")
    return compact.replace("-", "") if _MOBILE.match(compact.replace("-", "")) else compact


def email(cell: Cell) -> str | None:
    """Read an e-mail address; may be empty."""
    text = text_of(cell)
    if text is None:
        return None
    local = text.split("@", 1)[0]
    if not _EMAIL.match(text) or ".." in text or local.startswith(".") or local.endswith("."):
        raise Fault("邮箱格式不正确", "e-mail address malformed")
    return text


def optional(cell: Cell) -> str | None:
    """Read a free text that may be empty."""
    return text_of(cell)


Reader = Callable[[Cell], object]


def _need(text: str | None, zh: str, en: str) -> str:
    if text is None:
        raise Fault(f"缺少{zh}", f"{en} missing")
    return text


def _digits_kept(cell: Cell, zh: str, en: str) -> str | None:
    text = text_of(cell)
    if text and (_SCIENTIFIC.match(text) or (cell.kind == "number" and len(text) > 15)):
        raise Fault(f"{zh}以数字格式存储，末几位已丢失", f"{en} stored as a number: digits lost")
    return text


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(unicodedata.normalize("NFKC", text).strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) < 10**9 else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _joins(text: str, position: int) -> bool:
    """Say whether a joiner stands between two letters of a script that writes with joiners."""
    if text[position] not in _JOINERS or not 0 < position < len(text) - 1:
        return False
    return all(
        unicodedata.name(char, "").split(" ")[0] in ("ARABIC", "DEVANAGARI", "MONGOLIAN", "TIBETAN")
        for char in (text[position - 1], text[position + 1])
    )
