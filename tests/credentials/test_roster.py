"""Rosters as offices send them: other layouts are read as a person reads them, every fault is named (P-26's first step)."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from ledger.adapters.catalogue_yaml import load_catalogue
from ledger.adapters.roster_file import open_roster
from ledger.credentials import roster
from ledger.credentials.roster import Draft
from ledger.credentials.roster_layout import CellFault
from ledger.errors import Invalid
from tests.conftest import DATA, DEMO_DATA

TODAY = date(2025, 7, 1)
CATALOGUE = load_catalogue(DEMO_DATA / "catalogue.yaml")
HEADER = ["学号", "姓名", "证件号码", "班级", "微证书代码", "成绩", "学时", "完成日期", "手机号", "邮箱"]
ROW = ["A1", "张三", None, "一班", "MC-SAFE", 90, 16, "2025-06-01", None, None]


def read(path: Path) -> tuple[list[Draft], list[CellFault]]:
    return roster.read(open_roster(path), CATALOGUE, TODAY)


def book(tmp_path: Path, *sheets: list[list[Any]], titles: tuple[str, ...] = ()) -> Path:
    workbook = Workbook()
    workbook.remove(workbook.active)
    for number, rows in enumerate(sheets):
        sheet = workbook.create_sheet(titles[number] if titles else f"S{number}")
        for row in rows:
            sheet.append(row)
    path = tmp_path / "roster.xlsx"
    workbook.save(path)
    return path


def cells(faults: list[CellFault]) -> list[str]:
    return [fault.cell for fault in faults]


def test_the_key_of_the_faulty_roster() -> None:
    expected = json.loads((DATA / "class-faulty.expected.json").read_text())
    drafts, faults = read(DATA / "class-faulty.xlsx")
    assert drafts == []
    assert [(fault.sheet, fault.cell) for fault in faults] == [(fault["sheet"], fault["cell"]) for fault in expected]


def test_workbook_and_csv_give_equal_drafts() -> None:
    from_book, no_faults = read(DEMO_DATA / "class.xlsx")
    from_csv, none_either = read(DATA / "class.gb18030.csv")
    assert (len(from_book), no_faults, none_either) == (200, [], [])
    assert from_book == from_csv


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_encodings_and_delimiters(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "r.csv"
    lines = [delimiter.join(HEADER), delimiter.join(str(cell or "") for cell in ROW)]
    path.write_bytes("\r\n".join(lines).encode(encoding))
    assert [draft.name for draft in read(path)[0]] == ["张三"]


def test_english_headers_in_another_order(tmp_path: Path) -> None:
    header = ["Completion date", "Score", "Achievement Code", "Name", "Student No.", "E-mail", "Serial"]
    path = book(tmp_path, [header, ["2025/6/1", "90", "mc-safe", "Li, Wei", 230001, "a@b.example", 1]])
    (draft,), faults = read(path)
    assert (draft.number, draft.code, draft.completed_on, draft.email, faults) == (
        "230001",
        "MC-SAFE",
        "2025-06-01",
        "a@b.example",
        [],
    )


def test_several_class_sheets_titles_remarks_and_blank_rows(tmp_path: Path) -> None:
    first = [
        ["2025 年春季成绩表"],
        ["填表单位：机电学院"],
        [],
        HEADER,
        ROW,
        [],
        ["合计", None, None, None, None, 90],
        ["制表人：王老师"],
    ]
    second = [HEADER, ["A2", "李四", None, None, "MC-MES", "八十", 48, "2025年6月2日", None, None]]
    notes = [["说明：成绩 60 分及以上方可发证"]]
    drafts, faults = read(book(tmp_path, first, second, notes, titles=("一班", "二班", "说明")))
    assert [(fault.sheet, fault.cell) for fault in faults] == [("二班", "F2")]
    second[1][5] = 80
    drafts, faults = read(book(tmp_path, first, second, notes, titles=("一班", "二班", "说明")))
    assert ([draft.number for draft in drafts], faults) == (["A1", "A2"], [])


def test_merged_cells_fill_their_range(tmp_path: Path) -> None:
    workbook = Workbook()
    sheet = workbook.active
    for row in (HEADER, ROW, [None, None, None, None, "MC-MES", 80, 48, "2025-06-02", None, None]):
        sheet.append(row)
    for column in "ABCD":
        sheet.merge_cells(f"{column}2:{column}3")
    workbook.save(tmp_path / "m.xlsx")
    drafts, faults = read(tmp_path / "m.xlsx")
    assert ([(draft.number, draft.name, draft.class_name, draft.code) for draft in drafts], faults) == (
        [("A1", "张三", "一班", "MC-SAFE"), ("A1", "张三", "一班", "MC-MES")], [],
    )  # fmt: skip


def test_hidden_sheets_and_repeated_headers_are_passed_over(tmp_path: Path) -> None:
    workbook = Workbook()
    sheet = workbook.active
    for row in (HEADER, ROW, HEADER, ["A2", "李四", None, None, "MC-MES", 80, 48, "2025-06-02"]):
        sheet.append(row)
    hidden = workbook.create_sheet("old")
    hidden.append(HEADER)
    hidden.append(["A3", "", "", "", "", "", "", ""])
    hidden.sheet_state = "hidden"
    workbook.save(tmp_path / "h.xlsx")
    drafts, faults = read(tmp_path / "h.xlsx")
    assert (len(drafts), faults) == (2, [])


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    header = [label for label in HEADER if label != "成绩"]
    _, faults = read(book(tmp_path, [header, ["A1", "张三"]]))
    assert [(fault.cell, "成绩" in fault.zh) for fault in faults] == [("A1", True)]


def test_a_file_without_a_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="roster-no-table"):
        read(book(tmp_path, [["hello"], ["world"]]))


@pytest.mark.parametrize(
    ("column", "value", "wrong"),
    [
        ("姓名", "张\u200b三", True), ("姓名", "尼玛次仁", False), ("姓名", "𠮷野浩", False), ("姓名", "O'Brien-李", False),
        ("姓名", "张\ufffd", True), ("证件号码", "999696200503146", True), ("证件号码", "E12345678", False),
        ("证件号码", "99962020050104803x", False), ("成绩", "９０", False), ("成绩", "90分", False), ("成绩", "NaN", True),
        ("成绩", "1e400", True), ("成绩", True, True), ("完成日期", "20250601", False), ("完成日期", "2025.6.1", False),
        ("完成日期", "2025-13-01", True), ("完成日期", 45827, True), ("手机号", "+86 199-0000-0000", False), ("手机号", "123", True),
        ("手机号", "010-12345678", False), ("邮箱", "a@b", True), ("邮箱", "a..b@c.example", True), ("学时", "16学时", False),
        ("学号", "A/1 <b>", True), ("微证书代码", "电气作业安全", False), ("成绩", "=1+1", True),
    ],
)  # fmt: skip
def test_single_cells(tmp_path: Path, column: str, value: Any, wrong: bool) -> None:
    row = list(ROW)
    row[HEADER.index(column)] = value
    _, faults = read(book(tmp_path, [HEADER, row]))
    assert cells(faults) == ([f"{'ABCDEFGHIJ'[HEADER.index(column)]}2"] if wrong else [])


def test_duplicates_between_rows(tmp_path: Path) -> None:
    other_score = [*ROW[:5], 70, *ROW[6:]]
    other_person = ["A1", "王五", *ROW[2:]]
    assert cells(read(book(tmp_path, [HEADER, ROW, ROW]))[1]) == ["A3"]
    assert cells(read(book(tmp_path, [HEADER, ROW, other_score]))[1]) == ["F3"]
    assert cells(read(book(tmp_path, [HEADER, ROW, other_person]))[1]) == ["B3"]


def test_limits_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    big = tmp_path / "big.csv"
    with big.open("wb") as file:
        file.truncate((50 << 20) + 1)
    with pytest.raises(Invalid) as refused:
        read(big)
    assert (refused.value.code, refused.value.details["limit"]) == ("too-large", "50 MB")
    rows = tmp_path / "rows.csv"
    rows.write_text(",".join(HEADER) + "\n" + "".join(f"A{i},张三,,,MC-SAFE,90,16,2025-06-01,,\n" for i in range(100_001)), "utf-8")
    with pytest.raises(Invalid) as refused:
        read(rows)
    assert (refused.value.code, refused.value.details["limit"]) == ("roster-too-many-rows", 100_000)


def test_a_zip_bomb_and_an_encrypted_workbook_are_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as entry:
            for _ in range(301):
                entry.write(bytes(1 << 20))
    with pytest.raises(Invalid) as refused:
        read(bomb)
    assert (refused.value.code, refused.value.details["limit"]) == ("roster-bomb", "300 MB")
    encrypted = tmp_path / "locked.xlsx"
    encrypted.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(Invalid, match="roster-encrypted"):
        read(encrypted)


@pytest.mark.parametrize(
    "data", [b"", b"\x00\x01\x02", b"PK\x03\x04nonsense", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old", b"\xff\xfe\x00"]
)
def test_broken_files_are_a_clear_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "broken.xlsx"
    path.write_bytes(data)
    with pytest.raises(Invalid):
        read(path)


def rewritten(source: Path, target: Path, change: Any) -> Path:
    """Copy a workbook, its first sheet's XML changed."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry.filename, change(data) if entry.filename.endswith("sheet1.xml") else data)
    return target


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b"<worksheet", b'<!DOCTYPE x [<!ENTITY e "boom">]><worksheet', 1),
        lambda data: data.replace(b"</worksheet>", b'<mergeCells><mergeCell ref="nonsense"/></mergeCells></worksheet>'),
        lambda data: data.replace(b"</worksheet>", b"<mergeCells><mergeCell/></mergeCells></worksheet>"),
        lambda data: data.replace(b"</worksheet>", b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'),
    ],
    ids=["cut short", "entity", "bad range", "no range", "whole sheet merged"],
)
def test_a_broken_sheet_is_a_clear_error(tmp_path: Path, change: Any) -> None:
    good = book(tmp_path, [HEADER, ROW])
    with pytest.raises(Invalid, match="roster-unreadable"):
        read(rewritten(good, tmp_path / "broken.xlsx", change))


def test_a_stray_cell_in_the_last_row_costs_nothing(tmp_path: Path) -> None:
    stray = b'<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>  </t></is></c></row></sheetData>'
    path = rewritten(book(tmp_path, [HEADER, ROW]), tmp_path / "stray.xlsx", lambda data: data.replace(b"</sheetData>", stray))
    assert [[(number, len(row)) for number, row in sheet.rows] for sheet in open_roster(path)] == [[(1, 10), (2, 8)]]
    drafts, faults = read(path)
    assert (len(drafts), faults) == (1, [])


def test_the_catalogue_names_its_fault(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    for text, field in (("a: [", None), ("&a [*a]", None), ("issuer: {}", "issuer.id"), ("[]", "/")):
        path.write_text(text, "utf-8")
        with pytest.raises(Invalid) as refused:
            load_catalogue(path)
        assert refused.value.code == "catalogue-invalid"
        assert field is None or refused.value.details["field"] == field
