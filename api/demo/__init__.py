"""The demonstration: five members, one class, 200 sealed micro-credentials, verified offline."""

from __future__ import annotations

from pathlib import Path

from api.founding import Founder
from ledger.governance.model import Sector
from ledger.institutions.model import Kind

DATA = Path(__file__).parent / "data"
QUORUM = 3
FOUNDERS = (
    Founder("gov-g", Kind.GOVERNMENT, Sector.GOVERNMENT, "示范市教育局", "Education Bureau of Model City", "https://gov-g.example"),
    Founder("college-a", Kind.COLLEGE, Sector.COLLEGE, "甲职业技术学院", "College A of Technology", "https://college-a.example"),
    Founder(
        "ent-b", Kind.ENTERPRISE, Sector.ENTERPRISE, "乙智能装备有限公司", "Enterprise B Smart Equipment", "https://ent-b.example"
    ),
    Founder("college-c", Kind.COLLEGE, Sector.COLLEGE, "丙职业大学", "Vocational University C", "https://college-c.example"),
    Founder("eval-v", Kind.EVALUATOR, Sector.NONE, "戊教育评估中心", "Evaluation Centre V", "https://eval-v.example"),
)
